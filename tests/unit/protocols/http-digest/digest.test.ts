import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../../protocols/http-digest/challenge.ts';
import { AuthorizationClient, buildAuthorization, chooseChallenge } from '../../../../protocols/http-digest/client.ts';
import { buildChallenge, verifyAuthorization } from '../../../../protocols/http-digest/server.ts';

const RFC_NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const RFC_CHALLENGE = (algorithm: string): string =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${RFC_NONCE}", ` +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

describe('challenges', () => {
  it('reads several headers and several challenges in one header, in order', () => {
    const found = parseChallenges([
      'Digest realm="cam, one", nonce="n1", algorithm=SHA-256, qop="auth", Basic realm="x\\"y"',
      'Digest realm=bare, nonce=n2,stale=TRUE',
      'Negotiate',
    ]);
    expect(found).toMatchObject([
      { scheme: 'digest', realm: 'cam, one', hash: 'sha256', qop: ['auth'], stale: false },
      { scheme: 'basic', realm: 'x"y' },
      { scheme: 'digest', realm: 'bare', nonce: 'n2', hash: 'md5', qop: [], stale: true },
      { scheme: 'unknown', name: 'negotiate' },
    ]);
  });

  it('prefers SHA-256 to MD5, and never takes Basic unless allowed', () => {
    const all = parseChallenges([
      'Basic realm="c"',
      'Digest realm="c", nonce="a"',
      'Digest realm="c", nonce="b", algorithm=SHA-256',
    ]);
    expect(chooseChallenge(all, { allowBasic: true })).toMatchObject({ hash: 'sha256' });
    const basic = parseChallenges(['Basic realm="c"']);
    expect(chooseChallenge(basic, { allowBasic: false })).toBeNull();
    expect(chooseChallenge(basic, { allowBasic: true })).toMatchObject({ scheme: 'basic' });
  });

  it('leaves algorithms and qualities alone that it cannot compute', () => {
    const odd = parseChallenges([
      'Digest realm="c", nonce="a", algorithm=SHA3-512',
      'Digest realm="c", nonce="a", qop="auth-int"',
    ]);
    expect(chooseChallenge(odd, { allowBasic: true })).toBeNull();
  });

  it('survives anything', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), (headers) => void parseChallenges(headers)));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\\', '=', ',', ' ') }), (text) => {
        parseChallenges([`Digest ${text}`]);
        verifyAuthorization(`Digest ${text}`, verifier('MD5', 'x'));
      }),
    );
  });
});

const verifier = (_: string, password: string) => ({
  realm: 'http-auth@example.org',
  method: 'GET',
  uri: '/dir/index.html',
  passwordOf: (name: string) => (name === 'Mufasa' ? password : undefined),
  isNonceFresh: (nonce: string) => nonce === RFC_NONCE,
});

describe('RFC 7616 section 3.9.1', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('%s', (algorithm, response) => {
    const [challenge] = parseChallenges([RFC_CHALLENGE(algorithm)]);
    if (challenge?.scheme !== 'digest') throw new Error('no digest challenge');
    const text = buildAuthorization(
      challenge,
      { username: 'Mufasa', password: 'Circle of Life' },
      { method: 'GET', uri: '/dir/index.html', nonceCount: 1, cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
    );
    expect(text).toContain(`response="${response}"`);
    expect(verifyAuthorization(text, verifier(algorithm, 'Circle of Life'))).toMatchObject({ ok: true, nonceCount: 1 });
    expect(verifyAuthorization(text, verifier(algorithm, 'circle of life'))).toEqual({
      ok: false,
      reason: 'wrong-password',
    });
  });
});

it('RFC 2617 section 3.5 and the RFC 2069 form', () => {
  const [modern, old] = parseChallenges([
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc"',
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
  ]);
  if (modern?.scheme !== 'digest' || old?.scheme !== 'digest') throw new Error('no digest challenges');
  const credentials = { username: 'Mufasa', password: 'Circle Of Life' };
  const request = { method: 'GET', uri: '/dir/index.html', nonceCount: 1, cnonce: '0a4f113b' };
  expect(buildAuthorization(modern, credentials, request)).toContain('response="6629fae49393a05397450978507c4ef1"');
  const plain = buildAuthorization(old, credentials, request);
  expect(plain).toContain('response="670fd8c2df070c60b045671b8b24ff02"');
  expect(plain).not.toMatch(/nc=|cnonce=|qop=/);
});

describe('client and server together', () => {
  const users = new Map([['操作员', 'p"ä\\ss']]);
  const check = (text: string, nonce: string, uri: string | null = 'rtsp://c/1') =>
    verifyAuthorization(text, {
      realm: 'cam',
      method: 'DESCRIBE',
      uri,
      passwordOf: (name) => users.get(name),
      isNonceFresh: (known) => known === nonce,
    });

  it.each(['MD5', 'SHA-256'] as const)('%s with and without qop, counting the nonce', (algorithm) => {
    for (const qop of [true, false]) {
      const client = new AuthorizationClient({ username: '操作员', password: 'p"ä\\ss' }, { allowBasic: false });
      expect(client.authorize({ method: 'DESCRIBE', uri: 'rtsp://c/1' })).toBeNull();
      expect(client.accept(parseChallenges([buildChallenge({ realm: 'cam', nonce: 'n', algorithm, qop })]))).toBe(true);
      const first = check(client.authorize({ method: 'DESCRIBE', uri: 'rtsp://c/1' }) ?? '', 'n');
      const second = check(client.authorize({ method: 'DESCRIBE', uri: 'rtsp://c/1' }) ?? '', 'n');
      expect([first, second]).toMatchObject([
        { ok: true, nonceCount: qop ? 1 : 0 },
        { ok: true, nonceCount: qop ? 2 : 0 },
      ]);
      expect(check(client.authorize({ method: 'DESCRIBE', uri: 'rtsp://c/1' }) ?? '', 'newer')).toEqual({
        ok: false,
        reason: 'stale-nonce',
      });
    }
  });

  it('says what is wrong', () => {
    const client = new AuthorizationClient({ username: '操作员', password: 'no' }, { allowBasic: false });
    client.accept(parseChallenges([buildChallenge({ realm: 'cam', nonce: 'n', algorithm: 'MD5', qop: true })]));
    const text = client.authorize({ method: 'DESCRIBE', uri: 'rtsp://c/1' }) ?? '';
    expect(check(text, 'n')).toEqual({ ok: false, reason: 'wrong-password' });
    expect(check(text, 'n', 'rtsp://c/2')).toEqual({ ok: false, reason: 'wrong-uri' });
    expect(check(text.replace('realm="cam"', 'realm="x"'), 'n')).toEqual({ ok: false, reason: 'wrong-realm' });
    expect(check(text.replace('操作员', 'nobody'), 'n')).toEqual({ ok: false, reason: 'unknown-user' });
    expect(check('Basic eDp5', 'n')).toEqual({ ok: false, reason: 'malformed' });
  });
});
