import type { FastifyInstance } from 'fastify';
import { DIRECT_ROUTES, OFFER_MAX_BYTES, SDP_TYPE } from '../../contract/api/direct.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { DirectViewers } from '../direct/direct-viewers.ts';
import type { Registry } from '../registry/registry.ts';
import { demandDevice } from './device-routes.ts';
import { route } from './route.ts';

/** Streams straight from the edge (WHEP). */
export function directRoutes(
  app: FastifyInstance,
  { registry, direct }: { registry: Registry; direct: DirectViewers },
): void {
  app.addContentTypeParser(SDP_TYPE, { parseAs: 'string', bodyLimit: OFFER_MAX_BYTES }, (_request, body, done) =>
    done(null, body),
  );

  route(app, DIRECT_ROUTES.openDirect, async ({ caller, params, query, request, reply }) => {
    const device = demandDevice(registry, caller, params.deviceId);
    if (typeof request.body !== 'string' || !request.body.startsWith('v=0')) {
      throw new SharpEyesError('INVALID_BODY', `the body has to be a session description (${SDP_TYPE})`);
    }
    const { directId, answer } = await direct.open(caller.session, device, query.stream, request.body);
    return reply.code(201).type(SDP_TYPE).header('location', `/api/direct/${directId}`).send(answer);
  });

  route(app, DIRECT_ROUTES.closeDirect, async ({ caller, params }) => {
    await direct.close(caller.session, params.sessionId);
  });
}
