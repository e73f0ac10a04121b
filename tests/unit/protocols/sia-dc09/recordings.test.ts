import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseContactId } from '../../../../protocols/sia-dc09/contact-id.ts';
import { decryptMessage } from '../../../../protocols/sia-dc09/encryption.ts';
import { FrameReader } from '../../../../protocols/sia-dc09/frame-reader.ts';
import type { Dc09Cipher, Dc09Message } from '../../../../protocols/sia-dc09/message.ts';
import { parseFrame } from '../../../../protocols/sia-dc09/parse.ts';
import { parseSia } from '../../../../protocols/sia-dc09/sia.ts';
import { corpusUnits, hasCorpus } from '../../../support/corpus.ts';

interface Facts {
  parsable?: boolean;
  crc?: string;
  length?: string;
  token?: string;
  encrypted?: boolean;
  sequence?: string;
  receiver?: string | null;
  linePrefix?: string;
  account?: string | null;
  crcValid?: boolean;
  lengthValid?: boolean;
  timestamp?: string | null;
  xdata?: string[] | null;
  data?: string;
  cid?: { qualifier: string; event: string; partition: string; zoneOrUser: string };
  sia?: Record<string, string>;
  key?: string | null;
  decrypts?: boolean;
  decrypted?: string;
  event?: { protocol: string; code: string; area: string };
}

/** The test vectors use keys of 16 characters as raw bytes. */
function cipherOf(key: string): Dc09Cipher {
  return {
    encrypt: (plain) => plain,
    decrypt: (cipherText) => {
      const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key), Buffer.alloc(16)).setAutoPadding(false);
      return Buffer.concat([decipher.update(cipherText), decipher.final()]);
    },
  };
}

function expectContent(message: Dc09Message, facts: Facts): void {
  if (facts.timestamp !== undefined) expect(message.timestamp).toBe(facts.timestamp);
  if (facts.data !== undefined) expect(message.data).toBe(facts.data);
  if (facts.xdata !== undefined) expect(message.extended).toEqual(facts.xdata ?? []);
  if (facts.cid !== undefined) {
    const cid = parseContactId(message.data);
    expect([cid?.qualifier, cid?.code, cid?.partition, cid?.zone]).toEqual([
      facts.cid.qualifier,
      facts.cid.event,
      facts.cid.partition,
      facts.cid.zoneOrUser,
    ]);
  }
  if (facts.sia !== undefined) {
    const { code, addr, text, ...modifiers } = facts.sia;
    const sia = parseSia(message.data);
    expect(sia?.events).toEqual([{ code, address: addr }]);
    expect(sia?.modifiers).toEqual(modifiers);
    expect(sia?.text).toBe(text ?? null);
  }
}

function expectFacts(bytes: Uint8Array, facts: Facts): void {
  if (facts.parsable === false) {
    expect(() => parseFrame(bytes)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
    return;
  }
  const { message, ...frame } = parseFrame(bytes);
  expect(frame).toEqual({
    crc: facts.crc,
    crcValid: facts.crcValid,
    length: facts.length,
    lengthValid: facts.lengthValid,
  });
  expect([
    message.id,
    message.encrypted,
    message.sequence,
    message.receiver,
    message.linePrefix,
    message.account,
  ]).toEqual([facts.token, facts.encrypted, facts.sequence, facts.receiver, facts.linePrefix, facts.account]);
  if (!message.encrypted) {
    expectContent(message, facts);
    return;
  }
  if (facts.key === null || facts.key === undefined) return;
  const cipher = cipherOf(facts.key);
  if (facts.decrypts === false) {
    expect(() => decryptMessage(message, cipher)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
    return;
  }
  const open = decryptMessage(message, cipher);
  expectContent(open, facts);
  if (facts.event?.protocol === 'SIA-DCS') {
    const sia = parseSia(open.data);
    expect([sia?.events[0]?.code, sia?.modifiers['ri']]).toEqual([facts.event.code, facts.event.area]);
  } else if (facts.event?.protocol === 'ADM-CID') {
    expect(parseContactId(open.data)).not.toBeNull();
  }
}

describe.skipIf(!hasCorpus)('frames of real panels and of other implementations', () => {
  for (const unit of corpusUnits('alarm')) {
    for (const [file, facts] of Object.entries(unit.expected as Record<string, Facts>)) {
      test(`${unit.name}/${file}`, () => {
        const bytes = readFileSync(join(unit.folder, file));
        if (!file.endsWith('.bin')) {
          expectFacts(bytes, facts);
          return;
        }
        const [item] = new FrameReader().push(bytes);
        if (item?.kind !== 'frame') throw new Error('no frame was found');
        expectFacts(item.bytes, facts);
      });
    }
  }
});
