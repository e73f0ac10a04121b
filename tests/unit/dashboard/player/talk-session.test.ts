import { beforeEach, expect, test } from 'vitest';
import type { TalkState } from '../../../../contract/live.ts';
import { MicrophoneError } from '../../../../dashboard/src/player/microphone-port.ts';
import { TalkSession } from '../../../../dashboard/src/player/talk-session.ts';

let phases: string[];
let said: number[];
let hear: ((state: TalkState) => void) | null;
let ended: number;
let closed: number;
let speak: ((amplitudes: Float32Array) => void) | null;
let refuse: MicrophoneError | null;

function session(): TalkSession {
  return new TalkSession({
    deviceId: 'box',
    socket: {
      talk: (_deviceId, onState) => {
        hear = onState;
      },
      say: (sound) => said.push(sound.length),
      endTalk: () => ended++,
    },
    openMicrophone: async () => {
      if (refuse !== null) throw refuse;
      return {
        listen: (onSound) => {
          speak = onSound;
        },
        close: () => closed++,
      };
    },
    onPhase: (phase) => phases.push(phase.phase === 'refused' ? `refused ${phase.reason}` : phase.phase),
  });
}

beforeEach(() => {
  [phases, said, hear, ended, closed, speak, refuse] = [[], [], null, 0, 0, null, null];
});

test('nothing is said before the way is open, nor after it was let go', async () => {
  const talk = session();
  await talk.start();
  expect([phases, speak]).toEqual([['asking', 'opening'], null]);
  hear?.({ state: 'open' });
  speak?.(new Float32Array(320));
  talk.stop();
  speak?.(new Float32Array(320));
  expect([phases.slice(2), said, closed, ended]).toEqual([['open', 'idle'], [320], 1, 1]);
});

test('who lets go while the browser still asks has no open microphone', async () => {
  const talk = session();
  const starting = talk.start();
  talk.stop();
  await starting;
  expect([hear, closed, phases]).toEqual([null, 1, ['asking', 'idle']]);
});

test('a refusal is said, whoever refuses', async () => {
  refuse = new MicrophoneError('insecure');
  await session().start();
  expect(phases).toEqual(['asking', 'refused insecure']);
  refuse = null;
  await session().start();
  hear?.({ state: 'refused', reason: 'busy' });
  expect([phases.at(-1), closed]).toEqual(['refused busy', 1]);
});
