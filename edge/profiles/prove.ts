import { isDeepStrictEqual } from 'node:util';
import { type MappedEvent, mapRaw } from './map-raw.ts';
import type { DeviceProfile, ProfileSample } from './schema.ts';
import { ThresholdTracker } from './threshold-tracker.ts';

/** What became of one of a profile's samples. */
export interface Proof {
  readonly description: string;
  readonly wanted: SampleOutcome;
  readonly found: SampleOutcome;
  readonly isRight: boolean;
}

/** What a sample makes. */
export interface SampleOutcome {
  readonly events: readonly ProfileSample['events'][number][];
  readonly readings: readonly { quantity: string; value: number; unit: string }[];
  readonly deviceAtMs: number | null;
}

/** Runs the samples that a profile carries, in their order, thresholds remembered from one to the next. */
export function proveSamples(profile: DeviceProfile): Proof[] {
  const thresholds = new ThresholdTracker(profile);
  return profile.samples.map((sample) => {
    const mapping = mapRaw(profile, sample.raw);
    const events = [...mapping.events, ...mapping.readings.flatMap((reading) => thresholds.feed(reading))];
    const found = {
      events: events.map(asInSample),
      readings: mapping.readings.map(({ rule, value }) => ({ quantity: rule.quantity, value, unit: rule.unit })),
      deviceAtMs: mapping.deviceAtMs,
    };
    const wanted = {
      events: sample.events.map((event) => ({ ...event, data: event.data ?? {} })),
      readings: sample.readings ?? [],
      deviceAtMs: sample.deviceAtMs ?? null,
    };
    return { description: sample.description, wanted, found, isRight: isDeepStrictEqual(found, wanted) };
  });
}

/**
 * Ids of a profile's own rules and thresholds that no sample shows at work.
 * @param base what it extends, with what that extends in it; those rules are proven there
 */
export function unprovenRules(profile: DeviceProfile, base: DeviceProfile | null): string[] {
  const proven = new Set(profile.samples.flatMap(({ events }) => events.map(({ rule }) => rule)));
  const inherited = new Set<unknown>(base === null ? [] : rulesOf(base));
  return rulesOf(profile)
    .filter((rule) => !inherited.has(rule) && !proven.has(rule.id))
    .map(({ id }) => id);
}

function rulesOf({ events = [], readings = [] }: DeviceProfile): { id: string }[] {
  return [...events, ...readings.flatMap(({ thresholds = [] }) => thresholds)];
}

function asInSample({ rule, kind, state, source, data }: MappedEvent): ProfileSample['events'][number] {
  return { rule, kind, state, ...(source === null ? {} : { source }), data };
}
