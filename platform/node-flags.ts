/**
 * With what Node is started for hub and edge; `bin/sharp-eyes.mjs` names the same. All are about the garbage
 * collector, which took most of the time of both before (`docs/design/media.md`, "Where the time goes"):
 *
 * - What its helper threads do is done in microseconds, but they have to be woken for it thousands of times a minute.
 * - Pictures lie outside of the heap. By itself V8 looks through the whole heap for every few megabytes of them, four
 *   times a second at 64 streams; counted as part of the heap they are looked after when memory has really grown,
 *   which is when it has doubled since the last time.
 */
export const NODE_FLAGS: readonly string[] = [
  '--single-threaded-gc',
  '--external-memory-accounted-in-global-limit',
  '--heap-growing-percent=100',
];

/**
 * What an edge is started with besides. Its heap is small, and the hundred small steps in which V8 marks it by default
 * cost more than marking it at once; that buffers are a reason to collect is then the matter of `Collector`. With 8 MB for
 * what is young it is collected every few seconds, when the pictures of then are forgotten, and none become old.
 */
export const EDGE_FLAGS: readonly string[] = ['--no-incremental-marking', '--expose-gc', '--min-semi-space-size=8'];

/** With what Node is started for a program of ours. @param args its file, and what stands behind it */
export function nodeFlagsFor(args: readonly string[]): readonly string[] {
  const [file = '', command] = args;
  const isEdge = /\bedge\/main\.[jt]s$/.test(file) || (/\bcli\/main\.[jt]s$/.test(file) && command === 'edge');
  return isEdge ? [...NODE_FLAGS, ...EDGE_FLAGS] : NODE_FLAGS;
}
