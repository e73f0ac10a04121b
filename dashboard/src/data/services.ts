import { steadyNow } from '../player/player-clock.ts';
import { ApiClient } from '../transport/api-client.ts';
import { HubClock } from '../transport/hub-clock.ts';
import { HubSocket } from '../transport/hub-socket.ts';

/** The page's one clock, API client and socket. */
export const hubClock = new HubClock(steadyNow);
export const api = new ApiClient({ fetch: (input, init) => fetch(input, init), timeoutMs: 20_000 });
export const hubSocket = new HubSocket({ now: () => Date.now() });
