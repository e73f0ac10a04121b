import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveDashboard } from '../../../../hub/api/dashboard-files.ts';

describe('files of the dashboard', () => {
  let folder: string;
  let app: FastifyInstance;
  const get = (url: string) => app.inject({ method: 'GET', url });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
    app = Fastify();
  });
  afterEach(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  async function build(): Promise<void> {
    mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'dist', 'index.html'), '<title>wall</title>');
    writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'run()');
    await serveDashboard(app, join(folder, 'dist'));
  }

  test('every page of the dashboard is its index, which is asked for anew each time', async () => {
    await build();
    for (const url of ['/', '/wall', '/incidents/17', '/index.html', '/?lang=zh']) {
      const answer = await get(url);
      expect([url, answer.body, answer.headers['cache-control']]).toEqual([url, '<title>wall</title>', 'no-cache']);
    }
  });

  test('built files carry their hash and may be kept', async () => {
    await build();
    const answer = await get('/assets/app-1a2b.js');
    expect(answer.body).toBe('run()');
    expect(answer.headers['content-type']).toContain('javascript');
    expect(answer.headers['cache-control']).toContain('immutable');
  });

  test('nothing outside of the folder is served', async () => {
    await build();
    for (const url of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '//etc/passwd',
    ]) {
      expect((await get(url)).body).not.toContain('secret');
    }
  });

  test('what looks like the API is no page', async () => {
    await build();
    for (const url of ['/api/nothing', '/edge-api/nothing', '/socket.io/'])
      expect((await get(url)).statusCode).toBe(404);
    expect((await get('/apiary')).statusCode).toBe(200);
  });

  test('without a build the page says what to do', async () => {
    await serveDashboard(app, join(folder, 'dist'));
    expect((await get('/')).body).toContain('npm run build');
  });
});
