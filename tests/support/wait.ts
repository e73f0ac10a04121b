/** Thrown by a probe that will never succeed; the wait ends at once. */
export class InVain extends Error {}

/**
 * Polls until `probe` returns something truthy and returns that; fails with `what` after `deadlineMs`.
 * For tests that wait for an effect instead of sleeping.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 30_000,
  periodMs = 25,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value as NonNullable<T>;
      last = value;
    } catch (error) {
      if (error instanceof InVain) throw error;
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(
        `waited ${deadlineMs} ms in vain for ${what}; last: ${last instanceof Error ? last.stack : JSON.stringify(last)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}
