import type { PtzControl, PtzHolder } from '../../contract/api/ptz.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Session } from '../access/session.ts';

/** A person at the controls, as far as the locks look at it. */
export type PtzPerson = Pick<Session, 'sessionId' | 'account' | 'displayName'>;

interface Lock {
  sessionId: string;
  holder: PtzHolder;
  ends: TimerHandle;
}

/** Who holds a camera may go on for so long after it stood still. */
const AFTER_MS = 5000;

/** Who turns which camera: one session at a time, until five seconds after the last movement. */
export class PtzLocks {
  readonly #clock: Clock;
  readonly #onChange: (control: PtzControl) => void;
  readonly #locks = new Map<string, Lock>();

  /** @param onChange a camera was taken or is free again */
  constructor(clock: Clock, onChange: (control: PtzControl) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Takes a camera, or goes on holding it for `forMs` and five seconds more. True when it was not held before.
   * @throws SharpEyesError PTZ_BUSY while somebody else holds it
   */
  take(deviceId: string, person: PtzPerson, forMs: number): boolean {
    const lock = this.#locks.get(deviceId);
    if (lock !== undefined && lock.sessionId !== person.sessionId) throw busy(deviceId, lock.holder);
    this.#hold(deviceId, person, forMs, lock?.holder ?? null);
    return lock === undefined;
  }

  /** Takes a camera from whoever holds it; gives who that was, and whether the person did not hold it before. */
  takeOver(deviceId: string, person: PtzPerson): { from: PtzHolder | null; isNew: boolean } {
    const before = this.#locks.get(deviceId);
    const isOwn = before?.sessionId === person.sessionId;
    this.#hold(deviceId, person, 0, isOwn ? before.holder : null);
    return { from: isOwn ? null : (before?.holder ?? null), isNew: !isOwn };
  }

  /** Ends this one hold; any later one stays, also of the same person. */
  drop(deviceId: string, holder: PtzHolder | null): void {
    if (this.#locks.get(deviceId)?.holder === holder) this.#free(deviceId);
  }

  /** @throws SharpEyesError PTZ_BUSY while somebody else holds it */
  demandFree(deviceId: string, person: PtzPerson): void {
    const lock = this.#locks.get(deviceId);
    if (lock !== undefined && lock.sessionId !== person.sessionId) throw busy(deviceId, lock.holder);
  }

  holderOf(deviceId: string): PtzHolder | null {
    return this.#locks.get(deviceId)?.holder ?? null;
  }

  /** Every camera that somebody turns. */
  list(): PtzControl[] {
    return [...this.#locks].map(([deviceId, { holder }]) => ({ deviceId, holder }));
  }

  /** Every camera with the session that holds it. */
  sessions(): { deviceId: string; sessionId: string; account: string }[] {
    return [...this.#locks].map(([deviceId, { sessionId, holder }]) => ({
      deviceId,
      sessionId,
      account: holder.account,
    }));
  }

  /** Frees every camera of the sessions that are meant, and gives their ids. */
  release(isMeant: (sessionId: string, holder: PtzHolder, deviceId: string) => boolean): string[] {
    const released = [...this.#locks].filter(([deviceId, lock]) => isMeant(lock.sessionId, lock.holder, deviceId));
    for (const [deviceId] of released) this.#free(deviceId);
    return released.map(([deviceId]) => deviceId);
  }

  stop(): void {
    for (const { ends } of this.#locks.values()) ends.cancel();
    this.#locks.clear();
  }

  #hold(deviceId: string, person: PtzPerson, forMs: number, before: PtzHolder | null): void {
    this.#locks.get(deviceId)?.ends.cancel();
    const { sessionId, account, displayName } = person;
    const holder = before ?? { account, displayName, sinceMs: this.#clock.nowMs() };
    const ends = this.#clock.after(forMs + AFTER_MS, () => this.#free(deviceId));
    this.#locks.set(deviceId, { sessionId, holder, ends });
    if (before === null) this.#onChange({ deviceId, holder });
  }

  #free(deviceId: string): void {
    this.#locks.get(deviceId)?.ends.cancel();
    if (this.#locks.delete(deviceId)) this.#onChange({ deviceId, holder: null });
  }
}

function busy(deviceId: string, { displayName, sinceMs }: PtzHolder): SharpEyesError {
  const message = `${displayName} turns this camera`;
  return new SharpEyesError('PTZ_BUSY', message, { context: { deviceId, holder: displayName, sinceMs } });
}
