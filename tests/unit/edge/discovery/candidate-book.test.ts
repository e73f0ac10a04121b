import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isId } from '../../../../contract/ids.ts';
import { CandidateBook } from '../../../../edge/discovery/candidate-book.ts';
import { candidateIdOf, serviceAddress, typeOf } from '../../../../edge/discovery/candidate-identity.ts';
import type { Announcement } from '../../../../protocols/ws-discovery/message.ts';

function announcement(over: Partial<Announcement> = {}): Announcement {
  const common = { types: [], scopes: [], metadataVersion: 1, speaksOnvif: true };
  return { endpoint: 'urn:uuid:a', xaddrs: ['http://10.0.0.1/onvif/device_service'], ...common, ...over };
}

describe('identity', () => {
  test('is an id whatever the device writes, and the same for the same device', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), (endpoint) => {
        const id = candidateIdOf(endpoint);
        expect(isId(id)).toBe(true);
        expect(candidateIdOf(endpoint.toUpperCase())).toBe(candidateIdOf(endpoint.toUpperCase().toLowerCase()));
      }),
    );
    expect(candidateIdOf('uuid:AB-1')).toBe('onvif-ab-1');
  });

  test('the address is one at the host that answered, without user information', () => {
    const xaddrs = ['nonsense', 'ftp://10.0.0.9/', 'http://u:p@10.9.9.9:81/a', 'https://10.0.0.1:8443/b'];
    expect(serviceAddress(announcement({ xaddrs }), '10.0.0.1')).toBe('https://10.0.0.1:8443/b');
    expect(serviceAddress(announcement({ xaddrs }), '10.0.0.2')).toBe('http://10.0.0.2:81/a');
    expect(serviceAddress(announcement({ xaddrs: [] }), '10.0.0.3')).toBe('http://10.0.0.3/onvif/device_service');
  });

  test('a door is told from a camera by its profiles', () => {
    const scopes = (...profiles: string[]): string[] => profiles.map((name) => `onvif://www.onvif.org/Profile/${name}`);
    expect(typeOf(announcement({ scopes: scopes('C') }))).toBe('door');
    expect(typeOf(announcement({ scopes: scopes('C', 'Streaming') }))).toBe('camera');
    expect(typeOf(announcement())).toBe('camera');
  });
});

describe('the book', () => {
  const announce = (book: CandidateBook, endpoint: string, from: string, nowMs: number): string =>
    book.announce(announcement({ endpoint }), from, 'ws-discovery', nowMs).reception;

  test('is bounded, and says so', () => {
    const book = new CandidateBook(2);
    expect(['a', 'b', 'c', 'a'].map((endpoint, i) => announce(book, endpoint, `10.0.0.${i}`, 0))).toEqual([
      'found',
      'found',
      'full',
      'seen',
    ]);
  });

  test('a device is gone after three searches without an answer, and told once', () => {
    const book = new CandidateBook(10);
    announce(book, 'a', '10.0.0.1', 5);
    const kinds = [10, 20, 30, 40].map((startedAtMs) => book.settle(startedAtMs).map(({ kind }) => kind));
    expect(kinds).toEqual([[], [], ['gone'], []]);
    expect(announce(book, 'a', '10.0.0.1', 50)).toBe('seen');
    expect(book.list()[0]?.candidate.change).toBe('new');
  });

  test('candidates added by hand neither move nor vanish', () => {
    const book = new CandidateBook(10);
    const candidate = {
      candidateId: 'rtsp-1',
      driver: 'rtsp',
      type: 'camera',
      address: 'rtsp://10.0.0.1/',
      name: '',
      hardware: '',
      foundBy: 'manual',
      firstSeenMs: 0,
      lastSeenMs: 0,
      change: 'new',
    } as const;
    expect(book.addByHand(candidate)?.kind).toBe('found');
    expect(book.addByHand(candidate)).toBeNull();
    for (let i = 1; i < 9; i++) expect(book.settle(i)).toEqual([]);
    expect(book.dismiss('rtsp-1')).toBe(true);
    expect(book.addByHand(candidate)?.kind).toBe('found');
  });
});
