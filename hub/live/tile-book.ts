import type { Device } from '../../contract/api/devices.ts';
import { TILES_PER_VIEWER, type TileReason, type ViewerCodec, type WatchOrder } from '../../contract/live.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { RateBudget } from '../../platform/rate-budget.ts';
import type { Session } from '../access/session.ts';
import { chooseStream, type StreamChoice } from './choose-stream.ts';
import { LearnedCodecs } from './learned-codecs.ts';
import type { ToMediaThread } from './protocol.ts';
import type { WatchedStreams } from './watched-streams.ts';

/** What a {@link TileBook} needs. */
export interface TileBookOptions {
  streams: Pick<WatchedStreams, 'watch' | 'unwatch' | 'sent'>;
  clock: Clock;
  device(deviceId: string): Device | null;
  /** Whether somebody may see live pictures of a device in this region. */
  mayView(session: Session, regionId: string | null): boolean;
  post(message: ToMediaThread): void;
}

interface Tile {
  order: WatchOrder;
  choice: StreamChoice;
  handle: number;
}

interface Viewer {
  session: Session;
  /** Network address of its browser. */
  address: string;
  /** What its browser can decode. */
  codecs: readonly ViewerCodec[];
  tiles: Map<string, Tile>;
  /** Orders that nothing can be shown for now; a change of the device or of `hello` may help. */
  unshown: Map<string, WatchOrder>;
  budget: RateBudget;
  /** Orders above the budget, by tile; they are carried out when it allows. */
  waiting: Map<string, WatchOrder>;
}

/** Wishes of one viewer that may lead to orders: a wall of 36 tiles that changes its layout says 72 at once. */
const WISHES = { burst: 80, perSecond: 20 };
const WAITING_CHECK_MS = 500;

/**
 * Who watches what: each tile's wish, and the stream that was chosen for it. The choice is made anew when the wish, the
 * camera's streams or what the browser can decode changes.
 */
export class TileBook {
  readonly #options: TileBookOptions;
  readonly #viewers = new Map<number, Viewer>();
  readonly #learned = new LearnedCodecs();
  #waitingCheck: TimerHandle | null = null;

  constructor(options: TileBookOptions) {
    this.#options = options;
  }

  /** A viewer was let in; until it says `hello` it decodes H.264. */
  add(viewerId: number, session: Session, address: string): void {
    const budget = new RateBudget(this.#options.clock, WISHES);
    const orders = { tiles: new Map(), unshown: new Map(), waiting: new Map() };
    this.#viewers.set(viewerId, { session, address, codecs: ['h264'], budget, ...orders });
  }

  /** It is gone. */
  remove(viewerId: number): void {
    for (const tile of [...(this.#viewers.get(viewerId)?.tiles.keys() ?? [])]) this.unwatch(viewerId, tile);
    this.#viewers.delete(viewerId);
  }

  clear(): void {
    this.#waitingCheck?.cancel();
    this.#waitingCheck = null;
    this.#viewers.clear();
  }

  /** Who a viewer is, and where; null for one that is not let in. */
  viewer(viewerId: number): { session: Session; address: string } | null {
    return this.#viewers.get(viewerId) ?? null;
  }

  /** Viewers of one account. */
  countOf(account: string): number {
    return [...this.#viewers.values()].filter(({ session }) => session.account === account).length;
  }

  viewers(): [viewerId: number, session: Session][] {
    return [...this.#viewers].map(([viewerId, { session }]) => [viewerId, session]);
  }

  /** Its session was read again: role or area may be others. */
  renew(viewerId: number, session: Session): void {
    const viewer = this.#viewers.get(viewerId);
    if (viewer === undefined) return;
    viewer.session = session;
    for (const tile of [...viewer.tiles.keys()]) this.#recheck(viewerId, viewer, tile);
  }

  hello(viewerId: number, codecs: readonly ViewerCodec[]): void {
    const viewer = this.#viewers.get(viewerId);
    if (viewer === undefined) return;
    viewer.codecs = codecs;
    if (viewer.budget.take(viewer.tiles.size + viewer.unshown.size)) {
      return this.#chooseAgain(viewerId, viewer, () => true);
    }
    for (const order of viewer.unshown.values()) viewer.waiting.set(order.tile, order);
    for (const { order } of viewer.tiles.values()) viewer.waiting.set(order.tile, order);
    this.#checkWaitingSoon();
  }

  /** It may have other streams or stand in another region now, or be gone. */
  deviceChanged(deviceId: string): void {
    for (const [viewerId, viewer] of this.#viewers) {
      for (const [tile, { order }] of [...viewer.tiles]) {
        if (order.deviceId === deviceId) this.#recheck(viewerId, viewer, tile);
      }
      this.#chooseAgain(viewerId, viewer, (order) => order.deviceId === deviceId);
    }
  }

  /** The pictures of a handle begin; they may be other ones than the inventory says. */
  learn(handle: number, description: string): void {
    for (const { tiles } of this.#viewers.values()) {
      for (const watched of tiles.values()) {
        if (watched.handle !== handle) continue;
        // What is encoded anew says nothing of the camera.
        if (watched.choice.transcode) return;
        const { deviceId } = watched.order;
        const name = this.#options.streams.sent(handle) ?? watched.choice.stream;
        if (this.#learned.learn(deviceId, name, description)) this.deviceChanged(deviceId);
        return;
      }
    }
  }

  /** The edge said what it really sends: the tiles are told when it is not what was asked for. */
  sent(handle: number): void {
    for (const [viewerId, { tiles }] of this.#viewers) {
      for (const watched of tiles.values()) {
        const { choice } = watched;
        if (watched.handle !== handle || choice.stream === this.#options.streams.sent(handle)) continue;
        this.#announce(viewerId, watched);
      }
    }
  }

  /**
   * A tile wants a device's pictures; the same order once more gives them from the last key frame on. Above the budget
   * the tile is told `limit`, and gets its pictures a moment later.
   */
  watch(viewerId: number, order: WatchOrder): void {
    const viewer = this.#viewers.get(viewerId);
    if (viewer === undefined) return;
    if (viewer.budget.take()) return this.#watch(viewerId, viewer, order);
    this.#refuse(viewerId, order.tile, 'limit');
    // A newer wish of a tile that waits takes the place of its older one, also when all places are taken.
    if (viewer.waiting.size >= TILES_PER_VIEWER && !viewer.waiting.has(order.tile)) return;
    viewer.waiting.set(order.tile, order);
    this.#checkWaitingSoon();
  }

  #watch(viewerId: number, viewer: Viewer, order: WatchOrder): void {
    const { tile, deviceId } = order;
    viewer.unshown.delete(tile);
    viewer.waiting.delete(tile);
    const device = this.#options.device(deviceId);
    if (device === null) return this.#refuse(viewerId, tile, 'unknown-device');
    if (!this.#options.mayView(viewer.session, device.regionId)) return this.#refuse(viewerId, tile, 'no-permission');
    if (!viewer.tiles.has(tile) && viewer.tiles.size >= TILES_PER_VIEWER) return this.#refuse(viewerId, tile, 'limit');
    this.#place(viewerId, viewer, device, order);
  }

  unwatch(viewerId: number, tile: string): void {
    const viewer = this.#viewers.get(viewerId);
    const watched = viewer?.tiles.get(tile);
    viewer?.unshown.delete(tile);
    viewer?.waiting.delete(tile);
    if (viewer === undefined || watched === undefined) return;
    viewer.tiles.delete(tile);
    this.#options.streams.unwatch(watched.handle, watcher(viewerId, tile));
    const { deviceId } = watched.order;
    if (!this.#isWatched(deviceId)) this.#learned.forget(deviceId);
  }

  #checkWaitingSoon(): void {
    this.#waitingCheck ??= this.#options.clock.after(WAITING_CHECK_MS, () => {
      this.#waitingCheck = null;
      for (const [viewerId, viewer] of this.#viewers) {
        for (const order of [...viewer.waiting.values()]) {
          if (viewer.budget.take()) this.#watch(viewerId, viewer, order);
          else this.#checkWaitingSoon();
        }
      }
    });
  }

  #isWatched(deviceId: string): boolean {
    for (const { tiles } of this.#viewers.values()) {
      for (const { order } of tiles.values()) if (order.deviceId === deviceId) return true;
    }
    return false;
  }

  #choose(device: Device, order: WatchOrder, codecs: readonly ViewerCodec[]): StreamChoice | null {
    return chooseStream(this.#learned.correct(device.deviceId, device.edge?.streams ?? []), order, codecs);
  }

  #place(viewerId: number, viewer: Viewer, device: Device, order: WatchOrder): void {
    const { streams } = this.#options;
    const { tile, priority, audio } = order;
    const choice = this.#choose(device, order, viewer.codecs);
    if (choice === null) {
      this.#refuse(viewerId, tile, 'unsupported-codec');
      if (viewer.unshown.size < TILES_PER_VIEWER) viewer.unshown.set(tile, order);
      return;
    }
    const before = viewer.tiles.get(tile);
    const handle = streams.watch(device, choice, watcher(viewerId, tile), { priority, audio });
    if (handle === null) return this.#refuse(viewerId, tile, 'limit');
    // The new stream is watched before the old one is left: the same one twice does not restart it.
    if (before !== undefined && before.handle !== handle) streams.unwatch(before.handle, watcher(viewerId, tile));
    const watched = { order, choice, handle };
    viewer.tiles.set(tile, watched);
    const { mpeg1 } = choice;
    this.#options.post({ type: 'attach', viewerId, message: this.#watching(watched), audio, mpeg1 });
  }

  #chooseAgain(viewerId: number, viewer: Viewer, which: (order: WatchOrder) => boolean): void {
    for (const order of [...viewer.unshown.values()]) if (which(order)) this.#watch(viewerId, viewer, order);
    for (const watched of [...viewer.tiles.values()]) {
      const { order, choice } = watched;
      const device = which(order) ? this.#options.device(order.deviceId) : null;
      if (device === null) continue;
      const next = this.#choose(device, order, viewer.codecs);
      if (next === null || !isSameStream(next, choice)) this.#place(viewerId, viewer, device, order);
      else if (next.why !== choice.why) {
        watched.choice = next;
        this.#announce(viewerId, watched);
      }
    }
  }

  #announce(viewerId: number, watched: Tile): void {
    // What the hub makes itself has another handle in the media thread.
    if (watched.choice.mpeg1) return;
    this.#options.post({ type: 'tell', viewerId, message: this.#watching(watched) });
  }

  #watching({ order, choice, handle }: Tile): Extract<ToMediaThread, { type: 'attach' }>['message'] {
    const sent = this.#options.streams.sent(handle) ?? choice.stream;
    const why = sent === choice.stream || choice.transcode ? choice.why : 'only-stream';
    return { type: 'watching', tile: order.tile, handle, deviceId: order.deviceId, stream: sent, why };
  }

  #recheck(viewerId: number, { session, tiles }: Viewer, tile: string): void {
    const watched = tiles.get(tile);
    if (watched === undefined) return;
    const device = this.#options.device(watched.order.deviceId);
    if (device !== null && this.#options.mayView(session, device.regionId)) return;
    this.#refuse(viewerId, tile, device === null ? 'unknown-device' : 'no-permission');
  }

  #refuse(viewerId: number, tile: string, reason: TileReason): void {
    const { clock, post } = this.#options;
    this.unwatch(viewerId, tile);
    post({ type: 'detach', viewerId, tile });
    post({ type: 'tell', viewerId, message: { type: 'tile', tile, reason, sinceMs: clock.nowMs() } });
  }
}

function watcher(viewerId: number, tile: string): string {
  return `${viewerId}/${tile}`;
}

function isSameStream(a: StreamChoice, b: StreamChoice): boolean {
  return a.stream === b.stream && a.transcode === b.transcode && a.mpeg1 === b.mpeg1;
}
