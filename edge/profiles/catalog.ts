import type { DeviceIdentity, DeviceType, DriverName } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { DeviceProfile } from './schema.ts';

const MAX_DEPTH = 4;

/** All device profiles, with what they extend already in them. */
export class ProfileCatalog {
  readonly #profiles = new Map<string, DeviceProfile>();

  /**
   * @param written profiles as their files say
   * @throws SharpEyesError PROFILE_INVALID for doubled ids and for `extends` that leads nowhere, in a circle or to
   *   another driver
   */
  constructor(written: readonly DeviceProfile[]) {
    const byId = new Map<string, DeviceProfile>();
    for (const profile of written) {
      if (byId.has(profile.id)) throw invalid(profile.id, 'there are two of it');
      byId.set(profile.id, profile);
    }
    for (const profile of written) this.#profiles.set(profile.id, resolve(profile, byId, 0));
  }

  /** Every profile, sorted by id. */
  list(): DeviceProfile[] {
    return [...this.#profiles.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * The profile with this id.
   * @throws SharpEyesError NOT_FOUND
   */
  get(id: string): DeviceProfile {
    const profile = this.#profiles.get(id);
    if (profile === undefined) throw new SharpEyesError('NOT_FOUND', `there is no device profile "${id}"`);
    return profile;
  }

  /** The profile that fits a device best: one that names its maker or model, else the generic one of its type. */
  suggest(
    driver: DriverName,
    type: DeviceType,
    identity: Pick<DeviceIdentity, 'manufacturer' | 'model'>,
  ): DeviceProfile | null {
    const fitting = this.list().filter((profile) => profile.driver === driver && profile.type === type);
    const scored = fitting
      .map((profile) => ({ profile, score: fitness(profile, identity) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
    return scored[0]?.profile ?? null;
  }
}

/** 0 does not fit; 1 generic; more, the more closely maker and model are named. */
function fitness(profile: DeviceProfile, identity: Pick<DeviceIdentity, 'manufacturer' | 'model'>): number {
  if (profile.suggestFor === undefined) return profile.id.startsWith('generic/') ? 1 : 0;
  const begins = (text: string | null, wanted: string | undefined): number => {
    if (wanted === undefined) return 0;
    return (text ?? '').toLowerCase().startsWith(wanted.toLowerCase()) ? 1 + wanted.length : -1_000;
  };
  const scores = profile.suggestFor.map(
    ({ manufacturer, model }) => begins(identity.manufacturer, manufacturer) + begins(identity.model, model),
  );
  return Math.max(0, ...scores);
}

function resolve(profile: DeviceProfile, byId: ReadonlyMap<string, DeviceProfile>, depth: number): DeviceProfile {
  if (profile.extends === undefined) return profile;
  const parent = byId.get(profile.extends);
  if (parent === undefined) throw invalid(profile.id, `it extends "${profile.extends}", which there is not`);
  if (depth >= MAX_DEPTH) throw invalid(profile.id, 'it extends others too deeply, or itself');
  if (parent.driver !== profile.driver)
    throw invalid(profile.id, `it extends a profile of the driver ${parent.driver}`);
  const base = resolve(parent, byId, depth + 1);
  const deviceTime = profile.deviceTime ?? base.deviceTime;
  const pollSeconds = profile.pollSeconds ?? base.pollSeconds;
  const registers = overlay(profile.registers, base.registers);
  return {
    ...profile,
    parameters: { ...base.parameters, ...profile.parameters },
    events: overlay(profile.events, base.events),
    readings: overlay(profile.readings, base.readings),
    ...(registers.length === 0 ? {} : { registers }),
    ...(pollSeconds === undefined ? {} : { pollSeconds }),
    ...(deviceTime === undefined ? {} : { deviceTime }),
  };
}

function overlay<T extends { id: string }>(own: readonly T[] = [], base: readonly T[] = []): T[] {
  const replaced = new Set(own.map(({ id }) => id));
  return [...own, ...base.filter(({ id }) => !replaced.has(id))];
}

function invalid(id: string, reason: string): SharpEyesError {
  return new SharpEyesError('PROFILE_INVALID', `device profile ${id}: ${reason}`, { context: { profile: id } });
}
