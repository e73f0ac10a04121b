import { expect, it } from 'vitest';
import { verifyLine } from '../../../../dashboard/src/footage/verify-line.ts';

it('is one line that a shell takes as it is', () => {
  expect(verifyLine('A-17.zip', '9184 28D2 5845')).toBe('sharp-eyes verify A-17.zip --trust 918428D25845');
  expect(verifyLine("it's 案件 1.zip", 'AB')).toBe(`sharp-eyes verify 'it'\\''s 案件 1.zip' --trust AB`);
});
