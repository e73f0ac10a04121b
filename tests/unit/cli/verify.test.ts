import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runVerify, type VerifyArguments } from '../../../cli/verify.ts';
import { nodeDigests } from '../../../evidence/digest-node.ts';
import { fingerprintOf } from '../../../evidence/package/fingerprint.ts';
import { newSigner, sampleManifest, seal } from '../evidence/sample-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const signer = newSigner();
const trust = fingerprintOf(nodeDigests, signer.publicKeySpki);
const file = join(folder, 'good.zip');
const whole = Buffer.from(await seal(signer));
writeFileSync(file, whole);

async function run(asked: VerifyArguments): Promise<{ code: number; out: string; err: string }> {
  const lines = { out: [] as string[], err: [] as string[] };
  const code = await runVerify(asked, { out: (line) => lines.out.push(line), err: (line) => lines.err.push(line) });
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

describe('sharp-eyes verify', () => {
  it('says intact and exits with 0', async () => {
    const { code, out } = await run({ file });
    expect(code).toBe(0);
    expect(out).toContain('INTACT: no byte was changed');
    expect(out).toContain('Signer not checked');
    expect(out).toContain(trust);
    expect(out).toContain('2026-0501-17');
  });

  it('tells the trusted key (0) from another (3)', async () => {
    expect(await run({ file, trust })).toMatchObject({
      code: 0,
      out: expect.stringContaining('Signed by the trusted key'),
    });
    const other = await run({ file, trust: 'AB'.repeat(32), language: 'zh' });
    expect(other).toMatchObject({ code: 3, out: expect.stringContaining('签名者不是您信任的密钥') });
  });

  it('names the changed file and second, and exits with 1', async () => {
    const changed = Buffer.from(whole);
    const at = changed.indexOf('originals/02-gate.mp4') + 21 + 700;
    changed[at] = (changed[at] ?? 0) ^ 4;
    const path = join(folder, 'changed.zip');
    writeFileSync(path, changed);
    const { code, out } = await run({ file: path });
    expect(code).toBe(1);
    expect(out).toContain('NOT INTACT');
    // The first "originals/02-gate.mp4" stands in the manifest: a changed manifest is named as such.
    expect(out).toContain('manifest.json: its content was changed');

    const film = Buffer.from(whole);
    const start = film.indexOf('originals/02-gate.mp4', film.indexOf('manifest.sig')) + 21;
    film[start + 700] = (film[start + 700] ?? 0) ^ 4;
    writeFileSync(path, film);
    expect((await run({ file: path })).out).toContain(
      'originals/02-gate.mp4: its content was changed at 00:00:01–00:00:02',
    );
    expect((await run({ file: path, language: 'zh' })).out).toContain(
      'originals/02-gate.mp4：内容被改动，位置 00:00:01–00:00:02',
    );
  });

  it('gives the verdict as JSON', async () => {
    const { code, out } = await run({ file, json: true, trust });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ state: 'intact', signer: 'trusted', fingerprint: trust, problems: [] });
  });

  it('exits with 2 for a wrong fingerprint or a file that is not there', async () => {
    expect(await run({ file, trust: '1234' })).toMatchObject({ code: 2, out: '' });
    expect(await run({ file: join(folder, 'absent.zip') })).toMatchObject({ code: 2, out: '' });
  });

  it('exits with 1 for something that is no package', async () => {
    const path = join(folder, 'other.txt');
    writeFileSync(path, 'hello');
    expect(await run({ file: path })).toMatchObject({
      code: 1,
      out: expect.stringContaining('not an evidence package'),
    });
  });

  it('lets no control character out of a package reach the terminal', async () => {
    const manifest = sampleManifest();
    manifest.order.purpose = 'x\u001b[2Jy\u202ez';
    const path = join(folder, 'escape.zip');
    writeFileSync(path, await seal(signer, manifest));
    const { out } = await run({ file: path });
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u202e');
    expect(out).toContain('x\ufffd[2Jy\ufffdz');
  });
});
