import { describe, expect, it } from 'vitest';
import { inputOf, minimise, runTarget } from '../../../bench/soak/fuzz/run-target.ts';
import { loadSamples } from '../../../bench/soak/fuzz/samples.ts';
import { type Target, targets } from '../../../bench/soak/fuzz/targets.ts';

const SEED = 7;
const INPUTS = 300;
const all = targets(loadSamples());
const pool = all.flatMap(({ samples }) => samples);
const options = { seed: SEED, inputs: INPUTS, pool, progress: () => undefined };

describe('hostile inputs', () => {
  it.each(all.map((target) => [target.name, target] as const))('%s survives them', (_, target) => {
    expect(target.samples.length).toBeGreaterThan(0);
    expect(runTarget(target, options)).toMatchObject({ inputs: INPUTS });
  });

  it.each(all.map((target) => [target.name, target] as const))('%s survives its samples as they are', (_, target) => {
    const parser = target.make();
    for (const sample of target.samples) parser(sample);
  });
});

describe('the run', () => {
  /** Fails on inputs with the byte 0x2a in them. */
  const faulty: Target = {
    name: 'faulty',
    samples: [Buffer.from('a sample')],
    make: () => (input) => {
      if (input.includes(0x2a)) throw new TypeError('found it');
    },
  };

  it('gives the same inputs for the same seed, and others for another', () => {
    const inputs = (seed: number): string[] =>
      Array.from({ length: 50 }, (_, i) => inputOf(faulty, seed, i, pool).toString('hex'));
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
    expect(new Set(inputs(1)).size).toBeGreaterThan(40);
  });

  it('finds a fault, says where, and makes its input small', () => {
    const found = runTarget(faulty, { ...options, inputs: 5000 });
    expect(found).toMatchObject({ target: 'faulty', message: 'TypeError: found it', hex: '2a', alone: true });
    const index = 'index' in found ? found.index : -1;
    expect(inputOf(faulty, SEED, index, pool).includes(0x2a)).toBe(true);
  });

  it('keeps what a fault needs', () => {
    const small = minimise(Buffer.from('xxaxxxxbxx'), (input) => /a.*b/.test(input.toString()));
    expect(small.toString()).toBe('ab');
  });

  it('knows faults that only a series of inputs shows', () => {
    const counting: Target = {
      ...faulty,
      make: () => {
        let seen = 0;
        return () => {
          seen += 1;
          if (seen === 5) throw new Error('the fifth');
        };
      },
    };
    expect(runTarget(counting, options)).toMatchObject({ index: 4, alone: false });
  });
});
