import type { Device } from '../../contract/api/devices.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { TalkState } from '../../contract/live.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { RateBudget } from '../../platform/rate-budget.ts';
import type { Session } from '../access/session.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Commands } from '../commands/commands.ts';
import type { ToMediaThread } from './protocol.ts';

/** What {@link Talks} is built from. */
export interface TalksOptions {
  orders: Pick<Commands, 'send'>;
  audit: Pick<AuditLog, 'append'>;
  device(deviceId: string): Device | null;
  /** Whether somebody may speak through a device in this region. */
  mayTalk(session: Session, regionId: string | null): boolean;
  post(message: ToMediaThread): void;
  clock: Clock;
  log: Log;
}

type Why = Exclude<TalkState, { state: 'open' }>['reason'];

/** Who wants to speak, and from where. */
export interface Speaker {
  session: Session;
  /** Network address. */
  address: string;
}

interface Talk extends Speaker {
  viewerId: number;
  deviceId: string;
  edgeId: string;
  handle: number;
  /** Monotonic; null while the edge has not opened the way. */
  openAtMs: number | null;
  renewal: TimerHandle | null;
  isOver: boolean;
}

const START_TIMEOUT_MS = 10_000;
/** The edge is asked this often whether the way still stands. */
const RENEW_MS = 3000;
const HANDLE_MAX = 0xffff_ffff;
/** Talks of one viewer: each is an order and two entries in the audit log. A key pressed twice in a hurry is none too many. */
const BEGINNINGS = { burst: 3, perSecond: 1 };

/** Who speaks through which device, as the main thread sees it: one person per device, one device per viewer. */
export class Talks {
  readonly #options: TalksOptions;
  readonly #byViewer = new Map<number, Talk>();
  readonly #budgets = new Map<number, RateBudget>();
  #lastHandle = 0;

  constructor(options: TalksOptions) {
    this.#options = options;
  }

  /** People who speak or are about to. */
  get size(): number {
    return this.#byViewer.size;
  }

  /** A viewer wants to speak through a device; it is told the outcome. */
  async begin(viewerId: number, { session, address }: Speaker, deviceId: string): Promise<void> {
    this.end(viewerId, 'released');
    if (!this.#budgetOf(viewerId).take()) {
      return this.#tell(viewerId, deviceId, { state: 'refused', reason: 'released' });
    }
    const device = this.#options.device(deviceId);
    const refusal = this.#refusal(session, device);
    if (device === null || refusal !== null) {
      return this.#tell(viewerId, deviceId, { state: 'refused', reason: refusal ?? 'no-permission' });
    }
    const { edgeId } = device;
    this.#lastHandle = (this.#lastHandle % HANDLE_MAX) + 1;
    const handle = this.#lastHandle;
    const who = { viewerId, session, address };
    const talk: Talk = { ...who, deviceId, edgeId, handle, openAtMs: null, renewal: null, isOver: false };
    this.#byViewer.set(viewerId, talk);
    try {
      await this.#order(talk);
    } catch (error) {
      return this.#notOpened(talk, error);
    }
    if (talk.isOver) return this.#stopEdge(talk);
    await this.#opened(talk);
  }

  /** The viewer let go, fell silent or is gone; without a talk nothing happens. */
  end(viewerId: number, reason: Why): void {
    const talk = this.#byViewer.get(viewerId);
    if (talk !== undefined) this.#close(talk, reason);
  }

  /** The viewer is gone. */
  remove(viewerId: number): void {
    this.end(viewerId, 'released');
    this.#budgets.delete(viewerId);
  }

  /** A viewer's session is another one now, or a device stands elsewhere: who may not speak any more is cut off. */
  recheck(viewerId: number, session: Session): void {
    const talk = this.#byViewer.get(viewerId);
    if (talk === undefined) return;
    talk.session = session;
    const device = this.#options.device(talk.deviceId);
    if (device === null || !this.#options.mayTalk(session, device.regionId)) this.#close(talk, 'no-permission');
  }

  /** The same for everybody who speaks through one device. */
  deviceChanged(deviceId: string): void {
    for (const talk of [...this.#byViewer.values()]) {
      if (talk.deviceId === deviceId) this.recheck(talk.viewerId, talk.session);
    }
  }

  /** Ends every talk. */
  stop(): void {
    for (const talk of [...this.#byViewer.values()]) this.#close(talk, 'released');
  }

  #budgetOf(viewerId: number): RateBudget {
    const budget = this.#budgets.get(viewerId) ?? new RateBudget(this.#options.clock, BEGINNINGS);
    this.#budgets.set(viewerId, budget);
    return budget;
  }

  #refusal(session: Session, device: Device | null): Why | null {
    // Whoever may not know a device is not told whether there is one.
    if (device === null || !this.#options.mayTalk(session, device.regionId)) return 'no-permission';
    if (device.edge?.abilities?.talk !== true) return 'unsupported';
    return this.#isTaken(device.deviceId) ? 'busy' : null;
  }

  #isTaken(deviceId: string): boolean {
    return [...this.#byViewer.values()].some((talk) => talk.deviceId === deviceId);
  }

  #order({ edgeId, deviceId, handle }: Talk): Promise<object> {
    const timeoutMs = START_TIMEOUT_MS;
    return this.#options.orders.send(edgeId, 'talk.start', { deviceId, handle }, { timeoutMs });
  }

  async #opened(talk: Talk): Promise<void> {
    const { clock, audit, log, post } = this.#options;
    const { viewerId, deviceId, edgeId, handle, session, address } = talk;
    talk.openAtMs = clock.monotonicMs();
    try {
      await audit.append({ account: session.account, action: 'talk.begin', subject: deviceId, address });
    } catch (error) {
      // What is not written down is not done.
      log.error({ deviceId, reason: messageOf(error) }, 'talking was refused: it could not be written down');
      if (!talk.isOver) this.#close(talk, 'unreachable');
      return;
    }
    if (talk.isOver) return;
    post({ type: 'talk-open', viewerId, deviceId, edgeId, handle });
    this.#tell(viewerId, deviceId, { state: 'open' });
    talk.renewal = clock.every(RENEW_MS, () => {
      this.#order(talk).catch((error: unknown) => {
        if (talk.isOver) return;
        log.info({ deviceId, reason: messageOf(error) }, 'the way to the loudspeaker was lost');
        this.#close(talk, 'unreachable');
      });
    });
  }

  #notOpened(talk: Talk, error: unknown): void {
    const { viewerId, deviceId } = talk;
    this.#options.log.info({ deviceId, reason: messageOf(error) }, 'no way to the loudspeaker');
    if (talk.isOver) return;
    talk.isOver = true;
    this.#byViewer.delete(viewerId);
    const isUnsupported = error instanceof SharpEyesError && error.code === 'DEVICE_UNSUPPORTED';
    this.#tell(viewerId, deviceId, { state: 'refused', reason: isUnsupported ? 'unsupported' : 'unreachable' });
  }

  #close(talk: Talk, reason: Why): void {
    const { clock, audit, log, post } = this.#options;
    const { viewerId, deviceId, session, address, openAtMs } = talk;
    talk.isOver = true;
    talk.renewal?.cancel();
    this.#byViewer.delete(viewerId);
    post({ type: 'talk-close', viewerId });
    this.#tell(viewerId, deviceId, { state: 'ended', reason });
    // One that is still being opened is stopped when the edge has answered.
    if (openAtMs === null) return;
    this.#stopEdge(talk);
    const durationMs = Math.round(clock.monotonicMs() - openAtMs);
    const details = { durationMs, reason };
    audit
      .append({ account: session.account, action: 'talk.end', subject: deviceId, details, address })
      .catch((error: unknown) => log.error({ deviceId, reason: messageOf(error) }, 'the end of a talk was not stored'));
  }

  #stopEdge({ edgeId, deviceId }: Talk): void {
    // A newer talk has taken its place at the edge already.
    if (this.#isTaken(deviceId)) return;
    // When it cannot be told, the edge closes by itself after five seconds without sound.
    this.#options.orders.send(edgeId, 'talk.stop', { deviceId }).catch((error: unknown) => {
      this.#options.log.debug({ deviceId, reason: messageOf(error) }, 'the edge could not be told to close a talk');
    });
  }

  #tell(viewerId: number, deviceId: string, state: TalkState): void {
    this.#options.post({ type: 'tell', viewerId, message: { type: 'talk', deviceId, ...state } });
  }
}
