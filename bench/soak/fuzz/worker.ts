import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { runTarget } from './run-target.ts';
import { loadSamples } from './samples.ts';
import { targets } from './targets.ts';

/** What the worker is told. */
export interface FuzzOrder {
  seed: number;
  /** Inputs of each parser. */
  inputs: number;
  /** Only parsers whose name contains this. */
  only: string;
  /** Two numbers that the worker keeps up to date: which parser, which input. */
  progress: SharedArrayBuffer;
}

/** A warm-up, so that what is made once does not count as growth. */
const WARM_UP = 0.02;

const order = workerData as FuzzOrder;
const progress = new Int32Array(order.progress);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after a collection. */
function bytesInUse(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const samples = loadSamples();
const chosen = targets(samples);
const pool = chosen.flatMap((target) => target.samples);
parentPort?.postMessage({ type: 'begin', recorded: samples.recorded, names: chosen.map(({ name }) => name) });
for (const [at, target] of chosen.entries()) {
  if (!target.name.includes(order.only)) continue;
  Atomics.store(progress, 0, at);
  const tell = (index: number): void => void Atomics.store(progress, 1, index);
  const run = (inputs: number) => runTarget(target, { seed: order.seed, inputs, pool, progress: tell });
  run(Math.ceil(order.inputs * WARM_UP));
  const before = bytesInUse();
  const result = run(order.inputs);
  parentPort?.postMessage({ type: 'result', result, grewBytes: bytesInUse() - before });
}
