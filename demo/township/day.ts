import { type Clock, delay } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** What the day can do to the virtual devices. */
export interface Stage {
  pressHelp(): void;
  resetHelp(): void;
  forceDoor(): void;
  closeDoor(): void;
  useDoor(): void;
  setMotion(clip: string, moving: boolean): void;
  setWaterLevel(metres: number): void;
  setSmoke(smoke: boolean): void;
}

/** One thing that happens, so many seconds after the act began. */
interface Step {
  atSeconds: number;
  what: string;
  act: (stage: Stage) => void;
}

/** Somebody presses the help box on the square; seconds later the committee's door is forced. */
const HELP_ON_THE_SQUARE: readonly Step[] = [
  { atSeconds: 0, what: 'the help box on the square is pressed', act: (stage) => stage.pressHelp() },
  { atSeconds: 4, what: 'something moves on the square', act: (stage) => stage.setMotion('market-square', true) },
  { atSeconds: 9, what: "the committee's door is forced", act: (stage) => stage.forceDoor() },
  {
    atSeconds: 11,
    what: 'something moves at the entrance',
    act: (stage) => stage.setMotion('committee-entrance', true),
  },
  { atSeconds: 30, what: 'the square is quiet', act: (stage) => stage.setMotion('market-square', false) },
  { atSeconds: 34, what: 'the entrance is quiet', act: (stage) => stage.setMotion('committee-entrance', false) },
  { atSeconds: 45, what: 'the door is closed', act: (stage) => stage.closeDoor() },
  { atSeconds: 60, what: 'the help box is reset', act: (stage) => stage.resetHelp() },
];

/** The river rises over its mark and falls again. */
const HIGH_WATER: readonly Step[] = [
  { atSeconds: 0, what: 'the river rises', act: (stage) => stage.setWaterLevel(2.9) },
  { atSeconds: 10, what: 'the river is over its mark', act: (stage) => stage.setWaterLevel(3.4) },
  { atSeconds: 16, what: 'something moves at the river', act: (stage) => stage.setMotion('river-gauge', true) },
  { atSeconds: 50, what: 'the river bank is quiet', act: (stage) => stage.setMotion('river-gauge', false) },
  { atSeconds: 70, what: 'the river falls', act: (stage) => stage.setWaterLevel(2.1) },
];

/** The smoke detector of the warehouse speaks up. */
const SMOKE: readonly Step[] = [
  { atSeconds: 0, what: 'smoke in the warehouse', act: (stage) => stage.setSmoke(true) },
  { atSeconds: 5, what: 'something moves in the yard', act: (stage) => stage.setMotion('warehouse-yard', true) },
  { atSeconds: 40, what: 'the yard is quiet', act: (stage) => stage.setMotion('warehouse-yard', false) },
  { atSeconds: 60, what: 'the smoke is gone', act: (stage) => stage.setSmoke(false) },
];

/** Everyday life between the incidents. */
const QUIET: readonly Step[] = [
  { atSeconds: 0, what: 'somebody uses the door', act: (stage) => stage.useDoor() },
  { atSeconds: 15, what: 'a car passes the gate', act: (stage) => stage.setMotion('village-gate', true) },
  { atSeconds: 25, what: 'the gate is quiet', act: (stage) => stage.setMotion('village-gate', false) },
];

const ACTS: readonly (readonly Step[])[] = [HELP_ON_THE_SQUARE, HIGH_WATER, QUIET, SMOKE, QUIET];
const PAUSE_MS = 120_000;

/** Plays the scripted day over and over until the signal ends it. */
export async function playDay(options: {
  stage: Stage;
  clock: Clock;
  log: Log;
  firstPauseMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { stage, clock, log, signal } = options;
  let pauseMs = options.firstPauseMs;
  for (let act = 0; ; act = (act + 1) % ACTS.length) {
    await delay(clock, pauseMs, signal);
    pauseMs = PAUSE_MS;
    const startedAtMs = clock.monotonicMs();
    for (const step of ACTS[act] ?? []) {
      await delay(clock, Math.max(0, startedAtMs + step.atSeconds * 1000 - clock.monotonicMs()), signal);
      log.info({ act }, step.what);
      step.act(stage);
    }
  }
}
