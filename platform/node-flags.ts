/**
 * With what Node is started for hub and edge. On a small machine the collector's helper threads cost more than they
 * save: what they do is done in microseconds, but they have to be woken for it thousands of times a minute
 * (`docs/design/media.md`, "Where the time goes"). `bin/sharp-eyes.mjs` names the same.
 */
export const NODE_FLAGS: readonly string[] = ['--single-threaded-gc'];
