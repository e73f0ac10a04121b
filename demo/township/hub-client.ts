import type { BodyOf, ParamsOf, ResponseOf, RouteDefinition } from '../../contract/api/route.ts';
import { ROUTES, type RouteName } from '../../contract/api/routes.ts';
import { ERRORS, type ErrorCode, SharpEyesError } from '../../contract/errors.ts';

const TIMEOUT_MS = 30_000;

interface CallOptions<R> {
  params?: ParamsOf<R>;
  body?: BodyOf<R>;
}

/** Talks to the hub's REST API as a person's browser does: signs in, keeps the cookie, names its origin. */
export class HubClient {
  readonly #baseUrl: string;
  #cookie = '';

  /** @param baseUrl e.g. `http://127.0.0.1:8800` */
  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  /** Signs in; rejects with BAD_CREDENTIALS. */
  async signIn(account: string, password: string): Promise<void> {
    await this.call('signIn', { body: { account, password } });
  }

  /** Calls a route; rejects with the hub's error. */
  async call<N extends RouteName>(
    name: N,
    options: CallOptions<(typeof ROUTES)[N]> = {},
  ): Promise<ResponseOf<(typeof ROUTES)[N]>> {
    const route: RouteDefinition = ROUTES[name];
    const params = (options.params ?? {}) as Record<string, string>;
    const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
    const hasBody = options.body !== undefined;
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method: route.method,
      headers: {
        origin: this.#baseUrl,
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
      body: hasBody ? JSON.stringify(options.body) : null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    const text = await response.text();
    if (!response.ok) throw errorOf(name, response.status, text);
    return (text === '' ? undefined : JSON.parse(text)) as ResponseOf<(typeof ROUTES)[N]>;
  }
}

function errorOf(route: string, status: number, text: string): SharpEyesError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    const code: ErrorCode = Object.hasOwn(ERRORS, error.code) ? (error.code as ErrorCode) : 'INTERNAL';
    return new SharpEyesError(code, `${route}: ${error.message}`);
  } catch (cause) {
    return new SharpEyesError('INTERNAL', `${route}: the hub answered ${status}`, { cause });
  }
}
