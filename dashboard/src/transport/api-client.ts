import type { BodyOf, ParamsOf, QueryOf, ResponseOf } from '../../../contract/api/route.ts';
import { ROUTES, type RouteName } from '../../../contract/api/routes.ts';
import { ApiError, readApiError } from './api-error.ts';

type Routes = typeof ROUTES;
type Part<K extends string, T> = undefined extends T ? { [P in K]?: undefined } : { [P in K]: T };

/** What a call of a route takes: exactly the parts that the contract asks for. */
export type CallInput<N extends RouteName> = Part<'params', ParamsOf<Routes[N]>> &
  (undefined extends QueryOf<Routes[N]> ? { query?: undefined } : { query?: QueryOf<Routes[N]> }) &
  Part<'body', BodyOf<Routes[N]>>;
/** What a call of a route gives. */
export type CallOutput<N extends RouteName> = ResponseOf<Routes[N]>;

/** Path and query of a route, ready for `fetch`, `<a>` or `<img>`. */
export function routeUrl(name: RouteName, params: object = {}, query: object = {}): string {
  const path = ROUTES[name].path.replace(/:([A-Za-z]+)/g, (_, key: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[key] ?? '')),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The hub's REST API, typed by the contract. Throws {@link ApiError} and nothing else. */
export class ApiClient {
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor(options: { fetch: typeof fetch; timeoutMs: number }) {
    this.#fetch = options.fetch;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Calls a route and reads its answer; `timeoutMs` for orders that an edge has to carry out first. */
  async call<N extends RouteName>(
    name: N,
    input: CallInput<N>,
    options: { timeoutMs?: number } = {},
  ): Promise<CallOutput<N>> {
    const { params, query, body } = input as { params?: object; query?: object; body?: unknown };
    const response = await this.#send(routeUrl(name, params, query), {
      method: ROUTES[name].method,
      credentials: 'same-origin',
      headers: body === undefined ? { accept: 'application/json' } : { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value: unknown = parseJson(text);
    if (!response.ok) throw readApiError(response.status, value);
    return value as CallOutput<N>;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url, init);
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === 'TimeoutError') throw new ApiError('TIMEOUT', 0, thrown.message);
      throw new ApiError('OFFLINE', 0, thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
