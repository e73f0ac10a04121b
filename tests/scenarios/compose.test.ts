import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const SCHEMA_CHECKER = ['/usr/bin/docker-compose', '/usr/local/bin/docker-compose'].find((file) => existsSync(file));

test.skipIf(SCHEMA_CHECKER === undefined)(
  'docker-compose.yml satisfies the Compose schema (skipped where docker-compose is missing)',
  () => {
    execFileSync(SCHEMA_CHECKER ?? '', ['-f', join(ROOT, 'docker-compose.yml'), 'config', '-q'], { stdio: 'pipe' });
  },
);

test('every file that docker-compose.yml mounts from the project is there', () => {
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
    services: Record<string, { volumes?: string[]; build?: string }>;
  };
  expect(Object.keys(compose.services).sort()).toEqual(['edge', 'hub', 'hub-files', 'mosquitto', 'mosquitto-media']);
  for (const { volumes = [] } of Object.values(compose.services)) {
    for (const volume of volumes.filter((text) => text.startsWith('./'))) {
      expect(existsSync(join(ROOT, volume.split(':')[0] ?? '')), volume).toBe(true);
    }
  }
  expect(existsSync(join(ROOT, 'Dockerfile'))).toBe(true);
});
