/** Beyond this a device's clock falsifies evidence, and a person is told. */
const CLOCK_WARNING_MS = 2000;

/** Whether an offset is worth a warning. */
export function isClockOff(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_WARNING_MS;
}
