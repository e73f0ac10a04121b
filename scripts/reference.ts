// `node scripts/reference.ts`: writes the generated part of docs/reference. A test fails when it is not up to date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceFiles } from '../cli/reference-files.ts';
import { PACKAGE_ROOT } from '../platform/version.ts';

for (const [name, content] of Object.entries(await referenceFiles())) {
  writeFileSync(join(PACKAGE_ROOT, 'docs', 'reference', name), content);
}
