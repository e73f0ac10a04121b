import { factAt, numberAt, type RawEvent, scalarAt } from './raw-event.ts';
import type { Matcher, When } from './schema.ts';

/** Whether two scalars mean the same: texts without regard to case and outer white space, `"1"` equals 1. */
export function sameScalar(found: string | number | boolean, wanted: string | number | boolean): boolean {
  return String(found).trim().toLowerCase() === String(wanted).trim().toLowerCase();
}

/** Whether all named facts of a raw event are as wanted. */
export function matchesAll(raw: RawEvent, when: When): boolean {
  return Object.entries(when).every(([path, matcher]) => matches(raw, path, matcher));
}

function matches(raw: RawEvent, path: string, matcher: Matcher): boolean {
  const found = scalarAt(raw, path);
  if (Array.isArray(matcher)) return found !== undefined && matcher.some((wanted) => sameScalar(found, wanted));
  if (typeof matcher !== 'object') return found !== undefined && sameScalar(found, matcher);
  if ('present' in matcher) return (factAt(raw, path) !== undefined) === matcher.present;
  if ('startsWith' in matcher) {
    return typeof found === 'string' && found.toLowerCase().startsWith(matcher.startsWith.toLowerCase());
  }
  if ('contains' in matcher) {
    const text = typeof found === 'string' ? found.toLowerCase() : '';
    return matcher.contains.some((part) => text.includes(part.toLowerCase()));
  }
  const number = numberAt(raw, path);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = matcher;
  return number !== undefined && number >= min && number <= max;
}
