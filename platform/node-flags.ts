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
