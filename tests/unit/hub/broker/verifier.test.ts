import { describe, expect, test } from 'vitest';
import { makeVerifier, verifySecret } from '../../../../hub/broker/verifier.ts';

describe('verifier of an edge', () => {
  test('takes its secret and no other', async () => {
    const verifier = await makeVerifier('correct horse');
    expect(verifier).toMatch(/^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    expect(await verifySecret(verifier, 'correct horse')).toBe(true);
    expect(await verifySecret(verifier, Buffer.from('correct horse'))).toBe(true);
    expect(await verifySecret(verifier, 'correct horsf')).toBe(false);
    expect(await verifySecret(verifier, '')).toBe(false);
  });

  test('two of the same secret differ', async () => {
    expect(await makeVerifier('same')).not.toBe(await makeVerifier('same'));
  });

  test.each(['', '$6$salt$hash', '$7$0$AAAA$AAAA', '$7$9999999$AAAA$AAAA', '$7$101$AAAA', '$7$101$AAAA$AAAA'])(
    'a verifier of another form takes nothing: %s',
    async (verifier) => {
      expect(await verifySecret(verifier, '')).toBe(false);
    },
  );
});
