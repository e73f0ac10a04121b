import { describe, expect, test } from 'vitest';
import { type LAYERS, layerOf, SOURCES } from './sources.ts';

/** What each layer may import beside itself. */
const MAY_IMPORT: Readonly<Record<(typeof LAYERS)[number], readonly string[]>> = {
  contract: [],
  platform: ['contract', 'protocols'],
  protocols: ['contract'],
  evidence: ['contract'],
  edge: ['contract', 'platform', 'protocols', 'evidence'],
  hub: ['contract', 'platform', 'protocols', 'evidence'],
  // The page that verifies packages without a hub is a page of the dashboard.
  dashboard: ['contract', 'evidence'],
  demo: ['contract', 'platform', 'protocols', 'evidence'],
  cli: ['contract', 'platform', 'protocols', 'evidence', 'edge', 'hub', 'demo'],
  // Benchmarks and long runs start real programs with the helpers that the tests have for it.
  bench: ['contract', 'platform', 'protocols', 'evidence', 'edge', 'hub', 'demo', 'cli', 'tests'],
};

/** Parts of the hub from the bottom up: a part may import its own level and what is below it. */
const HUB_LEVELS: readonly (readonly string[])[] = [
  ['storage', 'config', 'identity', 'hub-events.ts'],
  ['audit', 'broker'],
  ['access', 'registry'],
  ['correlation', 'incidents', 'commands'],
  ['ingest', 'footage', 'live', 'republish', 'direct', 'ptz', 'walls'],
  ['api'],
  ['composition', 'hub.ts', 'main.ts', 'offline.ts', 'hub-addresses.ts'],
];

/** The same for the edge. */
const EDGE_UPPER: readonly (readonly string[])[] = [
  ['drivers', 'discovery'],
  ['api'],
  ['wiring', 'edge.ts', 'main.ts'],
];

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function violations(layer: string, levelOf: (part: string) => number): string[] {
  return SOURCES.filter(({ path }) => layerOf(path) === layer).flatMap(({ path, imports }) =>
    imports
      .filter((target) => layerOf(target) === layer && levelOf(partOf(target)) > levelOf(partOf(path)))
      .map((target) => `${path} imports ${target}`),
  );
}

describe('layers', () => {
  test('a layer imports only what lies below it', () => {
    const wrong = SOURCES.flatMap(({ path, imports }) => {
      const own = layerOf(path) as (typeof LAYERS)[number];
      const allowed: readonly string[] = [own, ...MAY_IMPORT[own]];
      return imports
        .filter((target) => !allowed.includes(layerOf(target)))
        .map((target) => `${path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test('every part of the hub stands on a level', () => {
    const parts = new Set(SOURCES.filter(({ path }) => layerOf(path) === 'hub').map(({ path }) => partOf(path)));
    const known = HUB_LEVELS.flat();
    expect([...parts].filter((part) => !known.includes(part))).toEqual([]);
  });

  test('a part of the hub imports only its level and below', () => {
    expect(violations('hub', (part) => HUB_LEVELS.findIndex((level) => level.includes(part)))).toEqual([]);
  });

  test('in the edge nothing below imports drivers, the page or the composition root', () => {
    expect(violations('edge', (part) => EDGE_UPPER.findIndex((level) => level.includes(part)))).toEqual([]);
  });

  test('nobody imports a composition root but its main', () => {
    const roots = ['hub/hub.ts', 'edge/edge.ts'];
    const wrong = SOURCES.flatMap(({ path, imports }) =>
      imports
        .filter((target) => roots.includes(target) && path !== `${layerOf(target)}/main.ts`)
        .map((target) => `${path} imports ${target}`),
    );
    // Benchmarks and tests run the parts in their own process.
    expect(wrong.filter((line) => !line.startsWith('bench/'))).toEqual([]);
  });

  test('the contract needs TypeBox only; protocols know no sockets, files or clocks', () => {
    const packagesOf = (layer: string) =>
      SOURCES.filter(({ path }) => layerOf(path) === layer).flatMap(({ path, packages }) =>
        packages.map((name) => `${path} imports ${name}`),
      );
    expect(packagesOf('contract').filter((line) => !/ typebox(\/|$)/.test(line))).toEqual([]);
    const inputOutput = / (node:)?(fs|net|tls|dgram|http|https|http2|dns|child_process|worker_threads|timers)(\/|$)/;
    expect(packagesOf('protocols').filter((line) => inputOutput.test(line))).toEqual([]);
  });

  test('what the dashboard imports of evidence runs in a browser', () => {
    const byPath = new Map(SOURCES.map((source) => [source.path, source]));
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const target of byPath.get(path)?.imports ?? []) visit(target);
    };
    for (const { path } of SOURCES) if (layerOf(path) === 'dashboard') visit(path);
    const forNode = [...reached].flatMap((path) =>
      (byPath.get(path)?.packages ?? []).filter((name) => name.startsWith('node:')).map((name) => `${path}: ${name}`),
    );
    expect(forNode.filter((line) => !line.startsWith('dashboard/vite.config.ts'))).toEqual([]);
  });
});
