import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiClient, routeUrl } from '../../../../dashboard/src/transport/api-client.ts';
import { ApiError, errorCode, readApiError } from '../../../../dashboard/src/transport/api-error.ts';
import { Backoff } from '../../../../dashboard/src/transport/backoff.ts';
import { HubClock } from '../../../../dashboard/src/transport/hub-clock.ts';

describe('routeUrl', () => {
  it('fills parameters safely and leaves out what was not given', () => {
    expect(routeUrl('job', { jobId: 'a/b?c' })).toBe('/api/footage/jobs/a%2Fb%3Fc');
    expect(routeUrl('listIncidents', {}, { state: 'open', before: undefined })).toBe('/api/incidents?state=open');
  });
});

describe('ApiClient', () => {
  const client = (answer: () => Promise<Response>): ApiClient => new ApiClient({ fetch: answer, timeoutMs: 1000 });

  it('gives the answer, or the code of the hub, or OFFLINE', async () => {
    await expect(client(async () => Response.json([{ wallId: 'a' }])).call('listWalls', {})).resolves.toEqual([
      { wallId: 'a' },
    ]);
    const refused = client(async () => Response.json({ error: { code: 'CONFLICT', message: 'm' } }, { status: 409 }));
    await expect(refused.call('listWalls', {})).rejects.toMatchObject({ code: 'CONFLICT', status: 409 });
    const away = client(() => Promise.reject(new TypeError('fetch failed')));
    await expect(away.call('listWalls', {})).rejects.toMatchObject({ code: 'OFFLINE' });
    const slow = client(() => Promise.reject(new DOMException('late', 'TimeoutError')));
    await expect(slow.call('listWalls', {})).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('sends a body only where the route has one', async () => {
    const seen: RequestInit[] = [];
    const api = new ApiClient({
      timeoutMs: 1000,
      fetch: async (_url, init) => {
        if (init !== undefined) seen.push(init);
        return new Response('');
      },
    });
    await api.call('acceptIncident', { params: { incidentId: 'i' }, body: { version: 3 } });
    await api.call('runDiscovery', { params: { edgeId: 'e' } });
    expect(seen[0]).toMatchObject({ method: 'POST', body: '{"version":3}' });
    expect(seen[1]).not.toHaveProperty('body');
    // Fastify refuses an empty body that claims to be JSON.
    expect(JSON.stringify(seen[1]?.headers)).not.toContain('content-type');
  });
});

describe('readApiError', () => {
  it('falls back to the status when the body says nothing it knows', () => {
    expect(readApiError(409, null).code).toBe('CONFLICT');
    expect(readApiError(502, '<html>').code).toBe('OFFLINE');
    expect(readApiError(500, { error: { code: 'FROM_THE_FUTURE' } }).code).toBe('INTERNAL');
    expect(readApiError(400, { error: { code: 'toString' } }).code).toBe('INVALID_BODY');
    expect(errorCode(new TypeError('x'))).toBe('INTERNAL');
    expect(errorCode(new ApiError('TIMEOUT', 0, ''))).toBe('TIMEOUT');
  });

  it('survives any body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(readApiError(418, body)).toBeInstanceOf(ApiError);
      }),
    );
  });
});

describe('Backoff', () => {
  it('doubles to its bound, jitters below it, and begins again', () => {
    let random = 1;
    const backoff = new Backoff({ firstMs: 500, maxMs: 4000, random: () => random });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([500, 1000, 2000, 4000, 4000]);
    random = 0;
    expect(backoff.next()).toBe(2000);
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });
});

describe('HubClock', () => {
  it('trusts the answer that travelled fastest', () => {
    const clock = new HubClock(() => 50_000);
    expect(clock.nowMs()).toBe(50_000);
    clock.observe(1000, 2000, 9000);
    expect(clock.offsetMs()).toBe(7500);
    clock.observe(3000, 3010, 10_005);
    expect(clock.offsetMs()).toBe(7000);
    clock.observe(4000, 6000, 20_000);
    expect(clock.nowMs()).toBe(57_000);
  });
});
