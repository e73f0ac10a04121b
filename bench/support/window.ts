import { CannotRun } from '../figure.ts';
import type { Path, RunningAudience, RunningSource } from './path.ts';
import { sleep } from './processes.ts';

/** What the whole path did in a window of time. */
export interface PathWindow {
  /** Milliseconds of CPU of edge and hub. */
  edgeMs: number;
  hubMs: number;
  /** Of the window. */
  lastedMs: number;
  /** Frames that the sources sent, that viewers got, and places where numbers are missing at a viewer. */
  sent: number;
  received: number;
  holes: number;
  /** Frames that a source could not send because the edge did not read. */
  dropped: number;
  /** Sessions that began anew, viewers that were cut off. */
  redials: number;
  closed: number;
  /** Largest delay of a source behind its own timetable. */
  sourceLateMs: number;
}

/** Looks at the whole path for a while. `atEnd` is called before the last look at CPU times. */
export async function pathWindow(
  path: Path,
  sources: readonly RunningSource[],
  audience: RunningAudience,
  windowMs: number,
): Promise<PathWindow> {
  await sources[0]?.counters();
  const before = await look(path, sources, audience);
  await sleep(windowMs);
  const after = await look(path, sources, audience);
  const sum = (name: string): number =>
    after.sources.reduce((total, counters, n) => total + (counters[name] ?? 0) - (before.sources[n]?.[name] ?? 0), 0);
  return {
    edgeMs: after.cpu.edge - before.cpu.edge,
    hubMs: after.cpu.hub - before.cpu.hub,
    lastedMs: after.atMs - before.atMs,
    sent: sum('frames'),
    received: after.viewers.fragments - before.viewers.fragments,
    holes: after.viewers.holes - before.viewers.holes,
    dropped: sum('dropped'),
    redials: sum('plays'),
    closed: after.viewers.closed - before.viewers.closed,
    sourceLateMs: Math.max(...after.sources.map((counters) => counters['lateMs'] ?? 0)),
  };
}

async function look(path: Path, sources: readonly RunningSource[], audience: RunningAudience) {
  const counters = await Promise.all(sources.map((source) => source.counters()));
  const viewers = await audience.counts();
  return { atMs: performance.now(), cpu: path.cpuMs(), sources: counters, viewers };
}

/** Why a window is not one without a loss; null when it is. At the window's ends a few frames are under way. */
export function lossIn(window: PathWindow, streams: number): string | null {
  const { sent, received, holes, dropped, redials, closed } = window;
  const counts = `${received} of ${sent} frames, ${holes} holes, ${dropped} not taken by the edge, ${redials} redials, ${closed} viewers cut off`;
  if (holes > 0 || dropped > 0 || redials > 0 || closed > 0) return counts;
  return received < sent - 3 * streams ? counts : null;
}

/** @throws CannotRun when something was lost: then CPU times are of less work than was asked for */
export function expectWhole(window: PathWindow, streams: number): void {
  const loss = lossIn(window, streams);
  if (loss !== null) throw new CannotRun(`${loss}: the machine is too busy for this figure`);
}
