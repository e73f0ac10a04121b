import type { FastifyInstance } from 'fastify';
import { SharpEyesError } from '../../contract/errors.ts';
import { type SegmentUploads, UPLOAD_PATH } from './segment-uploads.ts';

/**
 * Puts the upload endpoint into the hub's web server, behind the edge's credential. Bodies are left to tus; the limit of requests
 * per minute does not apply, because a transfer is thousands of them.
 */
export async function mountUploads(app: FastifyInstance, uploads: SegmentUploads): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const url of [UPLOAD_PATH, `${UPLOAD_PATH}/:uploadId`]) {
      scope.route({
        method: ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        config: { access: { kind: 'edge' }, rateLimit: false },
        handler: async (request, reply) => {
          const { edgeId } = request;
          if (edgeId === null) throw new SharpEyesError('NOT_SIGNED_IN', 'the edge is not known');
          reply.hijack();
          await uploads.handle(edgeId, request.raw, reply.raw);
        },
      });
    }
  });
}
