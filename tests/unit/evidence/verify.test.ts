import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../evidence/canonical-json.ts';
import { nodeDigests } from '../../../evidence/digest-node.ts';
import { fingerprintOf } from '../../../evidence/package/fingerprint.ts';
import { CONTAINER, type Verdict } from '../../../evidence/package/verdict.ts';
import { verifyPackage } from '../../../evidence/package/verify.ts';
import { layOut } from '../../../evidence/package/zip-layout.ts';
import { newSigner, sampleFiles, sampleManifest, seal, sourceOf } from './sample-package.ts';

const signer = newSigner();
const whole = await seal(signer);

function verify(bytes: Uint8Array, trust?: string): Promise<Verdict> {
  return verifyPackage(nodeDigests, sourceOf(bytes), trust === undefined ? {} : { trust });
}

/** Which file the byte at `offset` belongs to, found by the signatures of the local headers. */
function ownerAt(bytes: Uint8Array): (offset: number) => string {
  const buffer = Buffer.from(bytes);
  const starts: { name: string; offset: number }[] = [];
  let at = 0;
  while (buffer.readUInt32LE(at) === 0x04034b50) {
    const nameLength = buffer.readUInt16LE(at + 26);
    starts.push({ name: buffer.toString('utf8', at + 30, at + 30 + nameLength), offset: at });
    at += 30 + nameLength + buffer.readUInt32LE(at + 18);
  }
  starts.push({ name: CONTAINER, offset: at });
  return (offset) => starts.findLast((start) => start.offset <= offset)?.name ?? CONTAINER;
}

describe('a sealed package', () => {
  it('is intact, names its signer and gives its manifest', async () => {
    const verdict = await verify(whole);
    expect(verdict).toMatchObject({
      state: 'intact',
      problems: [],
      signer: 'unchecked',
      chains: [{ deviceId: 'cam-1', segments: 1, proven: 0, fault: null }, { deviceId: 'cam-2' }],
    });
    expect(verdict.manifest).toEqual(sampleManifest());
    expect(verdict.fingerprint).toBe(fingerprintOf(nodeDigests, signer.publicKeySpki));
  });

  it('is the same, byte for byte, when the same manifest is sealed again', async () => {
    expect(Buffer.from(await seal(signer)).equals(Buffer.from(whole))).toBe(true);
  });

  it('fails and names the file for any one changed bit, at every byte', async () => {
    const owner = ownerAt(whole);
    const wrong: string[] = [];
    const changed = Uint8Array.from(whole);
    for (let offset = 0; offset < whole.length; offset++) {
      const original = whole[offset] ?? 0;
      changed[offset] = original ^ (1 << ((offset * 5) % 8));
      const verdict = await verify(changed);
      const named = verdict.problems.map((problem) => problem.file);
      if (verdict.state === 'intact' || named.length !== 1 || named[0] !== owner(offset)) {
        wrong.push(`${offset}: ${verdict.state} ${named.join()} instead of ${owner(offset)}`);
      }
      changed[offset] = original;
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('names the second of footage that was changed', async () => {
    const changed = Buffer.from(whole);
    const film = Buffer.from(sampleFiles().get('originals/01-村口.mp4') ?? []);
    const at = changed.indexOf(film) + 1234;
    changed[at] = (changed[at] ?? 0) ^ 1;
    const { problems } = await verify(changed);
    expect(problems).toMatchObject([
      { file: 'originals/01-村口.mp4', code: 'content-changed', footage: [{ filmFromMs: 2000, filmToMs: 3000 }] },
    ]);
  });

  it('fails at every length it can be cut to', async () => {
    for (let length = 0; length < whole.length; length++) {
      const verdict = await verify(whole.subarray(0, length));
      expect(verdict.state, `cut to ${length}`).not.toBe('intact');
      expect(verdict.problems.length).toBeGreaterThan(0);
    }
  }, 60_000);

  it('fails when bytes are appended or inserted anywhere', async () => {
    expect((await verify(Buffer.concat([whole, Buffer.of(0)]))).problems).toEqual([
      { file: CONTAINER, code: 'size-differs', footage: [] },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.uint8Array({ minLength: 1, maxLength: 40 }), async (at, extra) => {
        const longer = Buffer.concat([whole.subarray(0, at), extra, whole.subarray(at)]);
        expect((await verify(longer)).state).not.toBe('intact');
      }),
      { numRuns: 300 },
    );
  });
});

describe('another signer', () => {
  const forger = newSigner();

  it('is told apart from the trusted one, however the fingerprint is written', async () => {
    const trusted = fingerprintOf(nodeDigests, signer.publicKeySpki);
    const colons = trusted.replaceAll(' ', ':').toLowerCase();
    expect(await verify(whole, trusted)).toMatchObject({ state: 'intact', signer: 'trusted' });
    expect(await verify(whole, colons)).toMatchObject({ state: 'intact', signer: 'trusted' });
    expect(await verify(await seal(forger), trusted)).toMatchObject({ state: 'intact', signer: 'other' });
  });

  it('cannot put another signature or another key into a package', async () => {
    const forged = await seal(forger);
    const signatureOf = (bytes: Uint8Array): string =>
      /"signature":"([^"]+)"/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? '';
    const text = Buffer.from(whole).toString('latin1').replace(signatureOf(whole), signatureOf(forged));
    const verdict = await verify(Buffer.from(text, 'latin1'));
    expect(verdict.problems).toMatchObject([{ file: 'manifest.sig', code: 'content-changed' }]);
  });
});

/** A container with any front files and correct CRCs, as an attacker could write it. */
function container(entries: [string, Uint8Array][]): Buffer {
  const layout = layOut(
    entries.map(([name, content]) => ({ name, bytes: content.length, crc32: nodeDigests.crc32(content) })),
    sampleManifest().sealedAtMs,
  );
  const pieces = layout.entries.flatMap((entry, at) => [entry.header, entries[at]?.[1] ?? new Uint8Array()]);
  return Buffer.concat([...pieces, ...layout.directory, layout.end]);
}

describe('signed by somebody, but not of our making', () => {
  const forger = newSigner();

  async function signedPackage(manifestText: string): Promise<Verdict> {
    const manifest = new TextEncoder().encode(manifestText);
    const signature = Buffer.from(await forger.sign(manifest)).toString('base64');
    const publicKey = Buffer.from(forger.publicKeySpki).toString('base64');
    const file = JSON.stringify({ algorithm: 'Ed25519', publicKey, signature });
    return verify(
      container([
        ['manifest.json', manifest],
        ['manifest.sig', Buffer.from(file)],
      ]),
    );
  }

  it.each([
    ['a path that climbs out', '../evil.mp4'],
    ['an absolute path', '/etc/passwd'],
    ['a path with a backslash', 'originals\\01-a.mp4'],
    ['a path below originals that climbs', 'originals/01-../x.mp4'],
    ['another ending', 'originals/01-a.exe'],
    ['a line break', 'originals/01-a\n.mp4'],
    ['the manifest itself', 'manifest.json'],
  ])('refuses %s', async (_, name) => {
    const manifest = sampleManifest();
    const files = [{ name, bytes: 0, sha256: '0'.repeat(64), crc32: 0 }];
    const verdict = await signedPackage(canonicalJson({ ...manifest, cameras: [], files }));
    expect(verdict).toMatchObject({
      state: 'tampered',
      problems: [{ file: 'manifest.json', code: 'manifest-unreadable' }],
    });
  });

  it('refuses a manifest that is not canonical, of another format, deep, or claims impossible sizes', async () => {
    const good = { ...sampleManifest(), cameras: [], files: [] };
    expect((await signedPackage(canonicalJson(good))).state).toBe('intact');
    const huge = Array.from({ length: 3 }, (_, at) => ({
      name: `originals/0${at}-a.mp4`,
      bytes: Number.MAX_SAFE_INTEGER,
      sha256: '0'.repeat(64),
      crc32: 0,
    }));
    const texts = [
      JSON.stringify(good, null, 1),
      `${canonicalJson(good)} `,
      canonicalJson({ ...good, format: 'sharp-eyes-evidence-2' }),
      canonicalJson({ ...good, files: huge }),
      canonicalJson(good).replace('"cameras":[]', '"cameras":[],"cameras":[]'),
      '['.repeat(100_000),
      'null',
    ];
    for (const text of texts) {
      expect((await signedPackage(text)).problems).toMatchObject([
        { file: 'manifest.json', code: 'manifest-unreadable' },
      ]);
    }
  });

  it('takes only one spelling of a signature file', async () => {
    const manifest = Buffer.from(canonicalJson({ ...sampleManifest(), cameras: [], files: [] }));
    const signature = Buffer.from(await forger.sign(manifest)).toString('base64');
    const publicKey = Buffer.from(forger.publicKeySpki).toString('base64');
    const file = { algorithm: 'Ed25519', publicKey, signature };
    const check = (text: string): Promise<Verdict> =>
      verify(
        container([
          ['manifest.json', manifest],
          ['manifest.sig', Buffer.from(text)],
        ]),
      );
    expect((await check(JSON.stringify(file))).state).toBe('intact');
    const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const lastDigit = base64.indexOf(signature.charAt(85));
    const sameBytes = `${signature.slice(0, 85)}${base64[lastDigit ^ 1]}==`;
    expect(Buffer.from(sameBytes, 'base64')).toEqual(Buffer.from(signature, 'base64'));
    const others = [
      JSON.stringify({ ...file, signature: sameBytes }),
      JSON.stringify({ ...file, signature: signature.replace('==', '') }),
      JSON.stringify({ ...file, publicKey: `${publicKey.slice(0, 8)} ${publicKey.slice(8)}` }),
      JSON.stringify({ ...file, algorithm: 'ed25519' }),
      JSON.stringify({ publicKey, algorithm: 'Ed25519', signature }),
      JSON.stringify({ ...file, note: '' }),
      `${JSON.stringify(file)}\n`,
      `\ufeff${JSON.stringify(file)}`,
    ];
    for (const text of others) {
      expect((await check(text)).problems).toMatchObject([{ file: 'manifest.sig', code: 'signature-unreadable' }]);
    }
  });

  it('does not accept a changed manifest whose checksums were put right', async () => {
    const manifest = canonicalJson({ ...sampleManifest(), cameras: [], files: [] });
    const signature = Buffer.from(await forger.sign(Buffer.from(manifest))).toString('base64');
    const publicKey = Buffer.from(forger.publicKeySpki).toString('base64');
    const seal = Buffer.from(JSON.stringify({ algorithm: 'Ed25519', publicKey, signature }));
    const changed = Buffer.from(manifest.replace('officer.li', 'officer.xu'));
    const verdict = await verify(
      container([
        ['manifest.json', changed],
        ['manifest.sig', seal],
      ]),
    );
    expect(verdict).toMatchObject({ manifest: null, problems: [{ file: 'manifest.json', code: 'signature-wrong' }] });
  });

  it('reads no more of a front file than the limit, whatever the header claims', async () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(0xfffffff0, 18);
    bytes.writeUInt32LE(0xfffffff0, 22);
    let most = 0;
    const source = {
      size: 2 ** 40,
      read: async (offset: number, length: number) => {
        most = Math.max(most, offset + length);
        return new Uint8Array(length).fill(bytes[offset] ?? 0, 0, 1).map((_, at) => bytes[offset + at] ?? 0);
      },
    };
    expect((await verifyPackage(nodeDigests, source)).state).toBe('malformed');
    expect(most).toBeLessThan(1000);
  });
});

describe('any bytes at all', () => {
  it('end in a verdict that is not intact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect((await verify(bytes)).state).not.toBe('intact');
        expect((await verify(Buffer.concat([whole.subarray(0, 60), bytes]))).state).not.toBe('intact');
      }),
      { numRuns: 300 },
    );
  });

  it('end in a verdict as a container with any two front files', async () => {
    const json = fc.oneof(fc.json(), fc.string());
    await fc.assert(
      fc.asyncProperty(json, json, async (manifest, signature) => {
        const bytes = container([
          ['manifest.json', Buffer.from(manifest)],
          ['manifest.sig', Buffer.from(signature)],
        ]);
        expect((await verify(bytes)).state).not.toBe('intact');
      }),
      { numRuns: 300 },
    );
  });
});
