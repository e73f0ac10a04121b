/** How much of a camera is sent, the best first. */
export const LEVELS = ['main', 'sub', 'keys', 'paused'] as const;
/** One of {@link LEVELS}: `keys` are the key frames of the smallest stream there is, `paused` is nothing. */
export type Level = (typeof LEVELS)[number];

/** A stream that somebody watches. */
export interface Rung {
  /** What the hub asked for. */
  readonly asked: 'main' | 'sub';
  /** Whether a smaller stream can be sent in place of `main`. */
  readonly hasSub: boolean;
  /** 0 … 9. */
  priority: number;
  level: Level;
  /** Bytes per millisecond that a level needs, as last seen. */
  readonly needs: Partial<Record<Level, number>>;
}

/** What of the line the ladder goes by. */
export interface LineState {
  /** Bytes per millisecond that live pictures may use; null while nothing limits them. */
  usable: number | null;
  /** How long ago the line showed that. */
  usableAgeMs: number;
}

/** What the ladder decided. */
export interface Decision {
  /** Rungs whose level is another now. */
  changed: readonly Rung[];
  /** A climb goes beyond what the line once bore: it has to be found out anew what it bears. */
  triesMore: boolean;
}

interface Entry {
  rung: Rung;
  climbedAtMs: number;
}

const NOTHING: Decision = { changed: [], triesMore: false };

/** Drops within so short a time have one cause. */
const SAME_STALL_MS = 1000;
/** So many drops to the next key frame within {@link CUTS_WITHIN_MS} are more than bad luck. */
const CUTS = 3;
/** After a climb fewer are enough: those who were there before pay for it. */
const CUTS_ON_TRIAL = 2;
const CUTS_WITHIN_MS = 10_000;
/** A step shows its effect after this. */
const SETTLE_MS = 3000;
/** Nothing was dropped for so long before a stream may climb. */
const QUIET_MS = 10_000;
/** A climb that ends within this was one too many. */
const TRIAL_MS = 20_000;
const BACKOFF_FIRST_MS = 15_000;
const BACKOFF_MAX_MS = 300_000;
/** What the line bore longer ago than this may have changed. */
const FRESH_MS = 60_000;
/** Needs of a level that was never sent, bytes per millisecond: 3 Mbit/s, 500 kbit/s, 100 kbit/s. */
const GUESS: Readonly<Record<Level, number>> = { main: 375, sub: 62, keys: 12, paused: 0 };

/**
 * Decides which streams go down to less and which climb back, when the line cannot bear all that is watched. Those of
 * low priority go first, and among equals the largest pictures; a climb that fails is tried again later and later.
 * Times are monotonic milliseconds.
 */
export class QualityLadder {
  readonly #entries = new Map<Rung, Entry>();
  #cuts: number[] = [];
  #steppedAtMs = Number.NEGATIVE_INFINITY;
  #climbAfterMs = BACKOFF_FIRST_MS;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #steppedDownAtMs = Number.NEGATIVE_INFINITY;

  /** A stream begins; where the line is full already it begins as low as its equals are. */
  add(rung: Rung): void {
    let level: Level = rung.asked;
    for (const { rung: other } of this.#entries.values()) {
      if (other.priority < rung.priority || other.level === other.asked) continue;
      const reached = other.level === 'paused' ? 'keys' : other.level;
      if (indexOf(reached) > indexOf(level)) level = this.#possible(rung, reached);
    }
    rung.level = level;
    this.#entries.set(rung, { rung, climbedAtMs: Number.NEGATIVE_INFINITY });
  }

  remove(rung: Rung): void {
    this.#entries.delete(rung);
  }

  /** A stream had to drop everything up to its next key frame. */
  cut(nowMs: number): void {
    // One stall of the line hits many streams.
    if (nowMs - (this.#cuts.at(-1) ?? Number.NEGATIVE_INFINITY) < SAME_STALL_MS) return;
    this.#cuts.push(nowMs);
    if (this.#cuts.length > 100) this.#cuts.shift();
  }

  /** Streams that are held down. */
  get held(): readonly Rung[] {
    return [...this.#entries.keys()].filter((rung) => rung.level !== rung.asked);
  }

  /** Changes levels. Called about once a second. */
  decide(line: LineState, nowMs: number): Decision {
    this.#cuts = this.#cuts.filter((atMs) => nowMs - atMs <= CUTS_WITHIN_MS);
    const isTrial = nowMs - this.#triedAtMs < TRIAL_MS;
    if (this.#cuts.length >= (isTrial ? CUTS_ON_TRIAL : CUTS)) {
      return nowMs - this.#steppedAtMs < SETTLE_MS ? NOTHING : this.#stepDown(line, nowMs);
    }
    const lastCutMs = this.#cuts.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - lastCutMs < QUIET_MS || nowMs - this.#steppedAtMs < QUIET_MS) return NOTHING;
    return this.#stepUp(line, nowMs);
  }

  #stepDown({ usable }: LineState, nowMs: number): Decision {
    this.#steppedAtMs = nowMs;
    this.#steppedDownAtMs = nowMs;
    this.#cuts = [];
    const changed = new Set<Rung>();
    if (nowMs - this.#triedAtMs < TRIAL_MS) this.#climbAfterMs = Math.min(this.#climbAfterMs * 2, BACKOFF_MAX_MS);
    for (let victim = this.#victim(nowMs); victim !== null; victim = this.#victim(nowMs)) {
      const next = this.#lower(victim.rung);
      // Nothing is taken away altogether for a sum of estimates, only for what really happened.
      if (changed.size > 0 && next === 'paused') break;
      victim.rung.level = next;
      changed.add(victim.rung);
      victim.climbedAtMs = Number.NEGATIVE_INFINITY;
      if (usable === null || this.#needed() <= usable) break;
    }
    return { changed: [...changed], triesMore: false };
  }

  #stepUp({ usable, usableAgeMs }: LineState, nowMs: number): Decision {
    const isProven = this.#triedAtMs > this.#steppedDownAtMs && nowMs - this.#triedAtMs >= TRIAL_MS;
    if (isProven) this.#climbAfterMs = BACKOFF_FIRST_MS;
    const isDark = [...this.#entries.keys()].every(({ level }) => level === 'paused');
    if (nowMs - this.#steppedDownAtMs < (isDark ? BACKOFF_FIRST_MS : this.#climbAfterMs)) return NOTHING;
    const held = [...this.#entries.values()]
      .filter(({ rung }) => rung.level !== rung.asked)
      .sort((a, b) => b.rung.priority - a.rung.priority || indexOf(b.rung.level) - indexOf(a.rung.level));
    for (const entry of held) {
      const { rung } = entry;
      const next = this.#higher(rung);
      const needed = this.#needed() - need(rung, rung.level) + need(rung, next);
      const triesMore = usable !== null && needed > usable;
      if (triesMore && usableAgeMs < FRESH_MS && !isDark) continue;
      rung.level = next;
      entry.climbedAtMs = nowMs;
      this.#triedAtMs = nowMs;
      this.#steppedAtMs = nowMs;
      return { changed: [rung], triesMore };
    }
    return NOTHING;
  }

  /** Who gives way: one that has just climbed, then the lowest priority, then the largest picture. */
  #victim(nowMs: number): Entry | null {
    let victim: Entry | null = null;
    for (const entry of this.#entries.values()) {
      if (entry.rung.level === 'paused') continue;
      if (victim === null || this.#givesWayBefore(entry, victim, nowMs)) victim = entry;
    }
    return victim;
  }

  #givesWayBefore(a: Entry, b: Entry, nowMs: number): boolean {
    const [onTrialA, onTrialB] = [nowMs - a.climbedAtMs < TRIAL_MS, nowMs - b.climbedAtMs < TRIAL_MS];
    if (onTrialA !== onTrialB) return onTrialA;
    if (a.rung.priority !== b.rung.priority) return a.rung.priority < b.rung.priority;
    const [levelA, levelB] = [indexOf(a.rung.level), indexOf(b.rung.level)];
    if (levelA !== levelB) return levelA < levelB;
    return need(a.rung, a.rung.level) > need(b.rung, b.rung.level);
  }

  #needed(): number {
    let sum = 0;
    for (const rung of this.#entries.keys()) sum += need(rung, rung.level);
    return sum;
  }

  #possible(rung: Rung, level: Level): Level {
    return level === 'sub' && rung.asked === 'main' && !rung.hasSub ? 'keys' : level;
  }

  #lower(rung: Rung): Level {
    return this.#possible(rung, LEVELS[indexOf(rung.level) + 1] ?? 'paused');
  }

  #higher(rung: Rung): Level {
    const next = LEVELS[indexOf(rung.level) - 1] ?? rung.asked;
    return next === 'sub' && rung.asked === 'main' && !rung.hasSub ? 'main' : next;
  }
}

function indexOf(level: Level): number {
  return LEVELS.indexOf(level);
}

/** What a rung needs at a level. */
function need(rung: Rung, level: Level): number {
  return rung.needs[level] ?? GUESS[level];
}
