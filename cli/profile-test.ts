import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../contract/errors.ts';
import { ProfileCatalog } from '../edge/profiles/catalog.ts';
import { loadProfiles, parseProfile } from '../edge/profiles/load.ts';
import { type Proof, proveSamples, unprovenRules } from '../edge/profiles/prove.ts';
import type { DeviceProfile } from '../edge/profiles/schema.ts';
import { PACKAGE_ROOT } from '../platform/version.ts';
import type { CommandOutput } from './verify.ts';

/**
 * `sharp-eyes profile test`: runs the samples of a profile that somebody writes, beside the profiles that come with the
 * program. 0 when all are right and every rule is shown at work, 1 when not, 2 when the file cannot be used.
 */
export async function runProfileTest(file: string, io: CommandOutput): Promise<number> {
  let profile: DeviceProfile;
  let base: DeviceProfile | null;
  try {
    const written = parseProfile(readFileSync(file, 'utf8'), file);
    const others = loadProfiles(join(PACKAGE_ROOT, 'device-profiles'))
      .list()
      .filter(({ id }) => id !== written.id)
      // What they extend is in them already.
      .map(({ extends: _extends, ...resolved }) => resolved);
    const catalog = new ProfileCatalog([...others, written]);
    profile = catalog.get(written.id);
    base = written.extends === undefined ? null : catalog.get(written.extends);
  } catch (error) {
    io.err(messageOf(error));
    return 2;
  }
  const proofs = proveSamples(profile);
  for (const proof of proofs) tell(proof, io);
  const unproven = unprovenRules(profile, base);
  if (unproven.length > 0) io.err(`without a sample: ${unproven.join(', ')}`);
  const wrong = proofs.filter(({ isRight }) => !isRight).length;
  io.out(`${profile.id}: ${proofs.length - wrong} of ${proofs.length} samples are right`);
  return wrong === 0 && unproven.length === 0 ? 0 : 1;
}

function tell({ description, isRight, wanted, found }: Proof, io: CommandOutput): void {
  io.out(`${isRight ? 'right' : 'WRONG'}  ${description}`);
  if (isRight) return;
  for (const part of ['events', 'readings', 'deviceAtMs'] as const) {
    const [should, is] = [JSON.stringify(wanted[part]), JSON.stringify(found[part])];
    if (should === is) continue;
    io.err(`  ${part} should be ${should}`);
    io.err(`  ${part} are       ${is}`);
  }
}
