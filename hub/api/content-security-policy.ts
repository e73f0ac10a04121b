import type { IncomingMessage } from 'node:http';

type Source = string | ((request: IncomingMessage) => string);

/** Host name of a request without its port; brackets of IPv6 stay. */
function hostName(request: IncomingMessage): string {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return /^[A-Za-z0-9.[\]:-]+$/.test(host) ? host : 'localhost';
}

/**
 * What the dashboard's pages may load: everything from here, pictures and video from memory, and the viewer's
 * WebSocket on its own port of the same host.
 */
export function contentSecurityPolicy(livePort: () => number): {
  useDefaults: false;
  directives: Record<string, Iterable<Source>>;
} {
  const socket =
    (scheme: 'ws' | 'wss'): Source =>
    (request) =>
      `${scheme}://${hostName(request)}:${livePort()}`;
  return {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'connect-src': ["'self'", socket('ws'), socket('wss')],
      'img-src': ["'self'", 'data:', 'blob:'],
      'media-src': ["'self'", 'blob:'],
      'worker-src': ["'self'", 'blob:'],
      'font-src': ["'self'", 'data:'],
      // Components place themselves by inline styles; scripts are never inline.
      'style-src': ["'self'", "'unsafe-inline'"],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  };
}
