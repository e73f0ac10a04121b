import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { layOut } from '../../../evidence/package/zip-layout.ts';
import { newSigner, sampleFiles, seal } from './sample-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => rmSync(folder, { recursive: true }));

function has(program: string, ...args: string[]): boolean {
  const found = spawnSync(program, args).status === 0;
  if (!found) console.warn(`${program} is not installed: the test that opens packages with it is skipped`);
  return found;
}

const hasPython = has('python3', '--version');
const hasUnzip = has('unzip', '-v');

describe('a package as other programs see it', () => {
  it.skipIf(!hasPython)('opens with the zipfile module of Python', async () => {
    const path = join(folder, 'python.zip');
    writeFileSync(path, await seal(newSigner()));
    const script =
      'import sys,zipfile,json; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; ' +
      'print(json.dumps([[i.filename,i.file_size,list(i.date_time)] for i in z.infolist()]))';
    const entries: unknown = JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }));
    const time = [2026, 5, 2, 10, 30, 6];
    expect(entries).toEqual([
      ['manifest.json', expect.any(Number), time],
      ['manifest.sig', expect.any(Number), time],
      ...[...sampleFiles()].map(([name, content]) => [name, content.length, time]),
    ]);
  });

  it.skipIf(!hasUnzip)('passes the test of unzip without a warning', async () => {
    const path = join(folder, 'unzip.zip');
    writeFileSync(path, await seal(newSigner()));
    const result = spawnSync('unzip', ['-t', path], { encoding: 'utf8' });
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('No errors detected');
  });

  it.skipIf(!hasPython)('keeps sizes and places over 4 GiB (ZIP64)', async () => {
    const sizes: [string, number][] = [
      ['small.bin', 10],
      ['big.bin', 5 * 2 ** 30],
      ['limit.bin', 0xffffffff],
      ['after.bin', 7],
    ];
    const layout = layOut(
      sizes.map(([name, bytes]) => ({ name, bytes, crc32: 0x12345678 })),
      Date.UTC(2026, 0, 1),
    );
    const path = join(folder, 'big.zip');
    const file = await open(path, 'w');
    for (const entry of layout.entries) await file.write(entry.header, 0, entry.header.length, entry.offset);
    const tail = Buffer.concat([...layout.directory, layout.end]);
    await file.write(tail, 0, tail.length, layout.directoryOffset);
    expect((await file.stat()).size).toBe(layout.totalBytes);
    await file.close();
    const script =
      'import sys,zipfile,json; z=zipfile.ZipFile(sys.argv[1]); [z.open(i) for i in z.infolist()]; ' +
      'print(json.dumps([[i.filename,i.file_size,i.header_offset] for i in z.infolist()]))';
    const entries: unknown = JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }));
    expect(entries).toEqual(layout.entries.map((entry) => [entry.name, entry.bytes, entry.offset]));
  });
});
