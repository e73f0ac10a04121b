/**
 * What a driver hands to a profile: facts as plain JSON. Which there are depends on the driver:
 * onvif `topic, operation, source, key, data`; sia-dc09 `format, code, qualifier, area, zone, text`;
 * mqtt-device `topic` (below the device's own prefix) and `payload`; hj212 `command, system, current, params`, and `factors` by
 * code with their attributes, `mark` and `valid`; modbus `values` by the names of the profile's registers.
 */
export type RawEvent = Readonly<Record<string, unknown>>;

/** A fact by its path of names joined by dots. */
export function factAt(raw: RawEvent, path: string): unknown {
  let current: unknown = raw;
  for (const name of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (!Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** The scalar at a path; undefined when it is missing or no scalar. */
export function scalarAt(raw: RawEvent, path: string): string | number | boolean | undefined {
  const value = factAt(raw, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** The number at a path, also when it is written as text; undefined otherwise. */
export function numberAt(raw: RawEvent, path: string): number | undefined {
  const value = scalarAt(raw, path);
  if (value === undefined || typeof value === 'boolean' || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
