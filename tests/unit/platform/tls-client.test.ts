import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { postJson, requireTls } from '../../../platform/tls-client.ts';

let server: Server | null = null;

afterEach(async () => {
  const closing = server;
  server = null;
  closing?.closeAllConnections();
  if (closing !== null) await new Promise((resolve) => closing.close(resolve));
});

async function serve(answer: (body: string) => { status: number; text: string } | null): Promise<string> {
  const made = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const made = answer(body);
      if (made === null) return;
      response.statusCode = made.status;
      response.end(made.text);
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}

test('posts JSON and reads the answer, whatever its status', async () => {
  const url = await serve((body) => ({ status: 403, text: JSON.stringify({ heard: JSON.parse(body) as unknown }) }));
  const answer = await postJson({ url, caPem: null, body: { a: 1 }, timeoutMs: 5000 });
  expect(answer).toEqual({ status: 403, body: { heard: { a: 1 } } });
});

test('an answer that is no JSON has no body', async () => {
  const url = await serve(() => ({ status: 502, text: '<html>' }));
  expect(await postJson({ url, caPem: null, body: {}, timeoutMs: 5000 })).toEqual({ status: 502, body: null });
});

test('silence is a TIMEOUT, nobody there is HUB_UNREACHABLE, a flood is cut off', async () => {
  const silent = await serve(() => null);
  await expect(postJson({ url: silent, caPem: null, body: {}, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
  await expect(postJson({ url: 'http://127.0.0.1:9/', caPem: null, body: {}, timeoutMs: 5000 })).rejects.toMatchObject({
    code: 'HUB_UNREACHABLE',
  });
});

test('an answer without end is cut off', async () => {
  const url = await serve(() => ({ status: 200, text: 'x'.repeat(2_000_000) }));
  await expect(postJson({ url, caPem: null, body: {}, timeoutMs: 5000 })).rejects.toMatchObject({
    code: 'HUB_UNREACHABLE',
  });
});

test('secrets leave this machine only encrypted', () => {
  expect(requireTls('http://127.0.0.1:8800/').protocol).toBe('http:');
  expect(requireTls('mqtts://hub.example:8883').hostname).toBe('hub.example');
  for (const url of ['http://hub.example/', 'mqtt://192.168.1.2', 'http://127.0.0.1.example/']) {
    expect(() => requireTls(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
  }
});
