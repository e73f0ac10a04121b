import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceFiles } from '../../../cli/reference-files.ts';
import { PACKAGE_ROOT } from '../../../platform/version.ts';

test('docs/reference says what the program does (else run: node scripts/reference.ts)', async () => {
  for (const [name, content] of Object.entries(await referenceFiles())) {
    expect(readFileSync(join(PACKAGE_ROOT, 'docs', 'reference', name), 'utf8'), name).toBe(content);
  }
});
