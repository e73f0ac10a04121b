import { expect, it } from 'vitest';
import { readerAddress } from '../../../../dashboard/src/readers/address.ts';

it('is what another program is given', () => {
  const server = { scheme: 'rtsps', port: 8554 } as const;
  expect(readerAddress(server, 'centre.example', 'gate-1', 'main')).toBe('rtsps://centre.example:8554/gate-1/main');
  expect(readerAddress(server, '::1', 'gate-1', 'sub')).toBe('rtsps://[::1]:8554/gate-1/sub');
});
