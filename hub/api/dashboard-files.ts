import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { RouteAccess } from '../../contract/access.ts';

const access: RouteAccess = { kind: 'public', why: 'the page on which people sign in; it holds no data' };

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Sharp Eyes</title>
<p>The hub runs, but the dashboard is not built. Run <code>npm run build</code> and start the hub again.</p>`;

async function filesBelow(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Set(files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')));
}

/** Serves the built dashboard. Every address that is no file is one of its pages and gets `index.html`. */
export async function serveDashboard(app: FastifyInstance, folder: string): Promise<void> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) {
    app.get('/', { config: { access } }, (_request, reply) => reply.type('text/html').send(NOT_BUILT));
    return;
  }
  const files = await filesBelow(folder);
  await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
  app.get<{ Params: { '*': string } }>('/*', { config: { access } }, (request, reply) => {
    const name = request.params['*'];
    if (/^(api|edge-api|socket\.io)(\/|$)/.test(name)) return reply.callNotFound();
    if (!files.has(name) || name === 'index.html') {
      return reply.header('cache-control', 'no-cache').sendFile('index.html');
    }
    // The names of built files carry their hash.
    const lifetime = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return reply.header('cache-control', lifetime).sendFile(name);
  });
}
