import type { Random } from './random.ts';

/** Largest input but for the oversize ones. */
const MAX_BYTES = 16_384;
const OVERSIZE_BYTES = 262_144;
const LENGTHS = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] as const;
const NUMBERS = ['0', '-1', '65535', '65536', '4294967296', '99999999999999999999', '1e9', '0x10', ''] as const;

type Change = (input: Buffer, random: Random, pool: readonly Uint8Array[]) => Buffer;

const truncate: Change = (input, random) => input.subarray(0, random.below(input.length + 1));

const flipBits: Change = (input, random) => {
  for (let i = random.below(8); i >= 0 && input.length > 0; i -= 1) {
    const at = random.below(input.length);
    input.writeUInt8(input.readUInt8(at) ^ (1 << random.below(8)), at);
  }
  return input;
};

/** A length where none, or another, belongs. */
const writeLength: Change = (input, random) => {
  const size = random.pick([1, 2, 3, 4]);
  if (input.length < size) return input;
  const near = input.length + random.below(5) - 2;
  const value = random.oneIn(3) ? Math.max(0, near) : random.pick(LENGTHS);
  input.writeUIntBE(value % 256 ** size, random.below(input.length - size + 1), size);
  return input;
};

const splice: Change = (input, random, pool) => {
  const other = pool[random.below(pool.length)] ?? input;
  const head = input.subarray(0, random.below(input.length + 1));
  return Buffer.concat([head, other.subarray(random.below(other.length))]).subarray(0, MAX_BYTES);
};

const repeat: Change = (input, random) => {
  const from = random.below(input.length);
  const piece = input.subarray(from, from + 1 + random.below(200));
  const times = Array.from({ length: 1 + random.below(20) }, () => piece);
  return Buffer.concat([input.subarray(0, from), ...times, input.subarray(from)]).subarray(0, MAX_BYTES);
};

const remove: Change = (input, random) => {
  const from = random.below(input.length);
  return Buffer.concat([input.subarray(0, from), input.subarray(from + 1 + random.below(64))]);
};

const insert: Change = (input, random) => {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), noise(random, 1 + random.below(32)), input.subarray(at)]);
};

/** Another number where a number stands in a text. */
const renumber: Change = (input, random) => {
  const numbers = [...input.toString('latin1').matchAll(/\d+/g)];
  const found = numbers[random.below(numbers.length)];
  if (found === undefined) return input;
  const end = found.index + found[0].length;
  return Buffer.concat([input.subarray(0, found.index), Buffer.from(random.pick(NUMBERS)), input.subarray(end)]);
};

const CHANGES = [truncate, flipBits, writeLength, splice, repeat, remove, insert, renumber] as const;

function noise(random: Random, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, () => random.below(256)));
}

/** A hostile input: a sample changed once or more, seldom noise or something far too long. */
export function hostile(random: Random, samples: readonly Uint8Array[], pool: readonly Uint8Array[]): Buffer {
  if (random.oneIn(60)) return noise(random, random.below(300));
  const sample = samples[random.below(samples.length)] ?? new Uint8Array(0);
  if (random.oneIn(1000)) return oversize(random, sample);
  let input: Buffer = Buffer.from(sample.subarray(0, MAX_BYTES));
  for (let i = random.below(4); i >= 0; i -= 1) input = random.pick(CHANGES)(input, random, pool);
  return input;
}

/** A piece of a sample over and over, with its beginning in front. */
function oversize(random: Random, sample: Uint8Array): Buffer {
  const from = random.below(sample.length);
  const piece = sample.subarray(from, from + 1 + random.below(random.oneIn(2) ? 4 : 64));
  const head = sample.subarray(0, from);
  return Buffer.concat([head, Buffer.alloc(OVERSIZE_BYTES, piece.length === 0 ? 'A' : piece)]);
}
