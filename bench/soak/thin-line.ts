import type { CongestionControl } from '../../tests/support/link/test-line.ts';
import { whyNoLine } from '../../tests/support/link/test-line.ts';
import type { PhaseFacts, ThinPlan } from '../../tests/support/link/thin-path.ts';
import { runThinPath } from '../../tests/support/link/thin-run.ts';
import { CannotRun } from '../figure.ts';

const ALARM_P99_MS = 1000;
/** Of 15 in the clip; what a lost packet delays still comes. */
const MOVING_FPS = 13;
const FREEZE_MS = 3000;

const SUBS: ThinPlan['phases'][number]['watch'] = [
  { camera: 0, stream: 'sub' },
  { camera: 1, stream: 'sub' },
];
const MAINS: ThinPlan['phases'][number]['watch'] = [
  { camera: 0, stream: 'main' },
  { camera: 1, stream: 'main' },
];

/**
 * A real hub and a real edge at the ends of a village's line (round trip 200 ms, 1 % loss each way, 4 Mbit/s, a queue of
 * 100 packets), with alarms over DC-09 twice a second while tiles are watched.
 *
 * Options: `--cc bbr|cubic` (default bbr), `--minutes N` in all (default 5), `--seed N` of the losses.
 * @throws when an alarm got lost or came late, when small streams do not keep moving under bbr, or when what does not fit
 *   is not said
 */
export async function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  const why = whyNoLine();
  if (why !== null) throw new CannotRun(why);
  const congestion = (options.get('cc') ?? 'bbr') as CongestionControl;
  const seconds = Number(options.get('minutes') ?? 5) * 60;
  const seed = Number(options.get('seed') ?? 1);
  const phases = [
    { name: 'two small streams', seconds: Math.round(seconds * 0.6), watch: SUBS },
    { name: 'two large streams', seconds: Math.round(seconds * 0.4), watch: MAINS },
  ];
  const faults: string[] = [];
  const onPhase = (facts: PhaseFacts): void => {
    for (const line of linesOf(facts)) say(line);
    faults.push(...faultsOf(facts, congestion));
  };
  say(`line: 4 Mbit/s, round trip 200 ms, 1 % loss each way, queue of 100 packets; TCP ${congestion}; seed ${seed}`);
  const { line } = await runThinPath({ phases, alarmEveryMs: 500 }, congestion, { line: { seed }, onPhase });
  for (const way of ['up', 'down'] as const) {
    const { delivered, lost, queueDrops, queueDelayMs } = line[way];
    const delays = `p50 ${queueDelayMs.p50}, p99 ${queueDelayMs.p99}, most ${queueDelayMs.max}`;
    say(
      `line ${way}: ${delivered} packets, ${lost} lost, ${queueDrops} dropped by the queue; delay in it (ms): ${delays}`,
    );
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
}

function linesOf({ phase, tiles, alarms, line }: PhaseFacts): string[] {
  const { sent, lost, p50, p99, max } = alarms;
  const shown = Object.entries(tiles).map(([tile, facts]) => {
    const { fps, kbps, longestFreezeMs, ageMs, reason, changes } = facts;
    const what =
      facts.sent === null ? 'as asked' : `${facts.sent.stream}${facts.sent.keyFramesOnly ? ', key frames' : ''}`;
    const because = facts.sent === null ? '' : ` (${facts.sent.why})`;
    const age = `age ${ageMs.p50}/${ageMs.p99} ms (p50/p99)`;
    return `  ${tile}: ${what}${because}, ${fps} fps, ${kbps} kbit/s, ${age}, longest freeze ${longestFreezeMs} ms, tile: ${reason}${changes.length === 0 ? '' : `; changes: ${changes.map(changeOf).join(', ')}`}`;
  });
  return [
    `${phase}: ${sent} alarms, ${lost} lost, latency p50 ${p50} ms, p99 ${p99} ms, most ${max} ms; line: ${JSON.stringify(line)}`,
    ...shown,
  ];
}

function changeOf({ atS, sent }: PhaseFacts['tiles'][string]['changes'][number]): string {
  if (sent === null) return `${atS} s as asked`;
  return `${atS} s ${sent.stream}${sent.keyFramesOnly ? ' key frames' : ''}`;
}

function faultsOf({ phase, tiles, alarms }: PhaseFacts, congestion: CongestionControl): string[] {
  const faults: string[] = [];
  if (alarms.lost > 0) faults.push(`${phase}: ${alarms.lost} alarms got lost`);
  if (!(alarms.p99 <= ALARM_P99_MS)) faults.push(`${phase}: p99 of the alarms is ${alarms.p99} ms`);
  for (const [tile, { fps, longestFreezeMs, sent, reason, reduced }] of Object.entries(tiles)) {
    const mustMove = congestion === 'bbr' && tile.endsWith('sub');
    const isWhole = sent === null && fps >= MOVING_FPS && longestFreezeMs <= FREEZE_MS;
    if (mustMove && !isWhole) faults.push(`${phase}: ${tile} does not keep moving (${fps} fps)`);
    const isSaid = reduced || reason === 'line-full';
    if (!mustMove && !isSaid && fps < MOVING_FPS) faults.push(`${phase}: ${tile} is not whole and nobody says why`);
    if (tile.endsWith('main') && !isSaid) faults.push(`${phase}: ${tile} did not fall back`);
  }
  return faults;
}
