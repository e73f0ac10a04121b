import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DefaultHttpStack, type HttpRequest, type HttpStack } from 'tus-js-client';

/** How the edge signs in at the hub. */
export interface HubConnection {
  /** Value of the `Authorization` header. */
  authorization: string;
  /** The hub's private certificate authority, PEM; null for plain HTTP or a public authority. */
  caPem: string | null;
  /** Longest silence on a connection. */
  silenceTimeoutMs?: number;
}

interface Timed {
  setTimeout(timeoutMs: number, callback: () => void): void;
  destroy(error: Error): void;
}

/** HTTP for `tus-js-client` with our authority and credential, and an end to connections that say nothing. `close` when done. */
export function hubHttpStack(hub: HubConnection): HttpStack & { close(): void } {
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true, ...(hub.caPem === null ? {} : { ca: hub.caPem }) }),
  };
  const headers = { authorization: hub.authorization };
  const stacks = {
    http: new DefaultHttpStack({ agent: agents.http, headers }),
    https: new DefaultHttpStack({ agent: agents.https, headers }),
  };
  return {
    createRequest(method, url) {
      const stack = url.startsWith('https:') ? stacks.https : stacks.http;
      return withTimeout(stack.createRequest(method, url), hub.silenceTimeoutMs ?? 30_000);
    },
    getName: () => 'HubHttpStack',
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function withTimeout(request: HttpRequest, timeoutMs: number): HttpRequest {
  const send = request.send.bind(request);
  request.send = (body: unknown) => {
    const response = send(body);
    const raw = request.getUnderlyingObject() as Timed | null;
    raw?.setTimeout(timeoutMs, () => raw.destroy(new Error(`the hub was silent for ${timeoutMs / 1000} s`)));
    return response;
  };
  return request;
}
