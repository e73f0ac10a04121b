import { Type } from 'typebox';
import { StreamName } from '../device.ts';
import { Id } from '../ids.ts';
import type { RouteDefinition } from './route.ts';

const live = { kind: 'permission', permission: 'live.view', area: 'thing' } as const;

/** Content type of offers and answers (RFC 8866). */
export const SDP_TYPE = 'application/sdp';
/** A browser's offer is about 5 kB. */
export const OFFER_MAX_BYTES = 32_768;

/**
 * WHEP (RFC 9725, "WebRTC-HTTP Egress Protocol", without trickle): a viewer in the township's own network gets a stream
 * straight from the edge; the hub only introduces them and goes on checking that the viewer may.
 */
export const DIRECT_ROUTES = {
  openDirect: {
    method: 'POST',
    path: '/api/devices/:deviceId/direct',
    summary:
      'Answers a WebRTC offer (application/sdp) for a stream straight from the edge; 201 with the answer (SDP) and the session in Location.',
    access: live,
    params: Type.Object({ deviceId: Id }),
    query: Type.Object({ stream: StreamName }),
    response: null,
  },
  closeDirect: {
    method: 'DELETE',
    path: '/api/direct/:sessionId',
    summary: 'Ends such a session; one that is over is fine.',
    access: { kind: 'signed-in' },
    params: Type.Object({ sessionId: Id }),
    response: null,
  },
} as const satisfies Record<string, RouteDefinition>;
