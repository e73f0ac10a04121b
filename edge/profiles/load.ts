import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { checkConfigText } from '../../platform/config/load.ts';
import { ProfileCatalog } from './catalog.ts';
import { DeviceProfile } from './schema.ts';

const MAX_PROFILES = 1_000;

/**
 * Reads every profile below a folder.
 * @throws SharpEyesError PROFILE_INVALID with file and line of what is wrong
 */
export function loadProfiles(folder: string): ProfileCatalog {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  if (files.length > MAX_PROFILES) throw invalid(folder, `has more than ${MAX_PROFILES} profiles`);
  const written = files.map((name) => readProfile(folder, join(folder, name)));
  return new ProfileCatalog(written);
}

function readProfile(folder: string, file: string): DeviceProfile {
  const profile = parseProfile(readFileSync(file, 'utf8'), file);
  const expected = relative(folder, file).replaceAll('\\', '/').slice(0, -'.yaml'.length);
  if (profile.id !== expected) throw invalid(file, `has the id "${profile.id}", its place says "${expected}"`);
  return profile;
}

/**
 * Checks the text of one profile; `extends` is not resolved.
 * @throws SharpEyesError PROFILE_INVALID
 */
export function parseProfile(text: string, file: string): DeviceProfile {
  try {
    return checkConfigText(text, file, DeviceProfile);
  } catch (cause) {
    throw new SharpEyesError('PROFILE_INVALID', messageOf(cause), { context: { file }, cause });
  }
}

function invalid(file: string, reason: string): SharpEyesError {
  return new SharpEyesError('PROFILE_INVALID', `${file} ${reason}`, { context: { file } });
}
