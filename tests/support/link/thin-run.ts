import { spawn } from 'node:child_process';
import { Program, ROOT } from '../program.ts';
import { type CongestionControl, type LineOptions, TestLine, type WayCounters } from './test-line.ts';
import type { PhaseFacts, ThinPlan } from './thin-path.ts';

/** What came of a run. */
export interface ThinOutcome {
  phases: PhaseFacts[];
  line: { up: WayCounters; down: WayCounters };
}

/** Runs a plan over a line of its own and removes the line again; `onPhase` hears of each phase as it ends. */
export async function runThinPath(
  plan: Pick<ThinPlan, 'phases' | 'alarmEveryMs' | 'edge'>,
  congestion: CongestionControl,
  { line: options = {}, onPhase }: { line?: Partial<LineOptions>; onPhase?(facts: PhaseFacts): void } = {},
): Promise<ThinOutcome> {
  const line = new TestLine(options);
  let program: Program | null = null;
  try {
    await line.start(congestion);
    const whole: ThinPlan = { ...plan, township: line.township, address: line.addresses.centre };
    const args = [process.execPath, 'tests/support/link/thin-path.ts', JSON.stringify(whole)];
    const child = spawn('ip', ['netns', 'exec', line.centre, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    program = new Program(child, 'the thin path');
    for (const { name, seconds } of plan.phases) {
      const facts = (await program.message('phase', name, 240_000 + seconds * 1000)) as unknown as PhaseFacts;
      onPhase?.(facts);
    }
    const counters = await line.counters();
    await program.exit();
    return { phases: program.messages() as unknown as PhaseFacts[], line: counters };
  } finally {
    await program?.stop('SIGTERM');
    await line.stop();
  }
}
