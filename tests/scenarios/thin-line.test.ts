import { expect, test } from 'vitest';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { whyNoLine } from '../support/link/test-line.ts';
import { runThinPath } from '../support/link/thin-run.ts';

const why = whyNoLine() ?? (hasFfmpeg ? null : 'ffmpeg is not installed');
if (why !== null) console.warn(`The test on a thin line is skipped: ${why}.`);

test.skipIf(why !== null)(
  'over a village line: two small streams move, two large ones fall back by themselves, and no alarm gets lost',
  async () => {
    const phases = [
      { name: 'small', seconds: 12, watch: [0, 1].map((camera) => ({ camera, stream: 'sub' as const })) },
      { name: 'large', seconds: 24, watch: [0, 1].map((camera) => ({ camera, stream: 'main' as const })) },
    ];
    const { phases: facts, line } = await runThinPath({ phases, alarmEveryMs: 250 }, 'bbr');
    const [small, large] = facts;
    for (const tile of Object.values(small?.tiles ?? {})) {
      expect(tile).toMatchObject({ sent: null, width: 640, reason: 'live' });
      expect(tile.fps).toBeGreaterThan(5);
    }
    for (const tile of Object.values(large?.tiles ?? {})) {
      // At the very end it may be trying again whether the line bears more.
      expect(tile).toMatchObject({ reduced: true, reason: 'live' });
    }
    for (const { alarms } of facts) {
      expect(alarms.sent).toBeGreaterThan(10);
      expect(alarms.lost).toBe(0);
    }
    // It was the line that is meant: packets got lost.
    expect(line.up.lost).toBeGreaterThan(10);
  },
  180_000,
);
