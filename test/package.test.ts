/** The package as its users import it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));
/** The folders that promise to run in a browser. */
const PORTABLE = [
  'export',
  'advice',
  'budget',
  'classifier',
  'onnx',
  'autodiff',
  'nn',
  'weights',
  'objectives',
  'training',
  'detectors',
  'metrics',
  'thresholds',
  'data',
  'evaluation',
  'guard',
];

/** The modules that a file loads: imports and re-exports of values, not of types alone. */
function loadedBy(file: string): string[] {
  const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(/(?:import|export)\s+(?!type\b)(?:[^'";]*?from\s+)?'([^']+)'/g)].map(
    (match) => match[1]!,
  );
}

/** Everything that a file loads in the end, with the way that leads there. */
function reach(file: string, way: string[] = [], seen = new Map<string, string[]>()): Map<string, string[]> {
  for (const name of loadedBy(file)) {
    const target = name.startsWith('.') ? resolve(dirname(file), name) : name;
    if (seen.has(target)) continue;
    const further = [...way, relative(source, file)];
    seen.set(target, further);
    if (name.startsWith('.')) reach(target, further, seen);
  }
  return seen;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'node' ? [] : filesOf(path);
    return name.endsWith('.ts') && !/(\.test|testing|\.d)\.ts$/.test(name) ? [path] : [];
  });
}

describe('what runs in a browser', () => {
  it.each(PORTABLE)('%s loads nothing of Node', (folder) => {
    const files = filesOf(join(source, folder));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      for (const [target, way] of reach(file)) {
        expect(
          target.startsWith('node:') || target === 'onnxruntime-node',
          `${way.join(' → ')} → ${target}`,
        ).toBe(false);
      }
    }
  });
  it.each(['browser.ts', 'runtime/index.browser.ts', 'runtime/web-worker.ts'])(
    '%s loads nothing of Node',
    (entry) => {
      const reached = [...reach(join(source, entry))];
      expect(reached.length).toBeGreaterThan(1);
      for (const [target, way] of reached)
        expect(
          target.startsWith('node:') || target === 'onnxruntime-node',
          `${way.join(' → ')} → ${target}`,
        ).toBe(false);
    },
  );
});

describe('folders', () => {
  // Upper floors may import from lower ones; what shares a floor may not import from each other's rooms above.
  const floors = [
    ['cli'],
    ['export'],
    ['server'],
    ['experiments', 'report', 'config'],
    ['budget', 'guard', 'advice'],
    ['evaluation'],
    ['training', 'detectors', 'metrics', 'thresholds'],
    ['objectives', 'weights', 'nn', 'data', 'classifier'],
    ['autodiff'],
    ['onnx', 'runtime', 'files'],
  ];
  it('import downwards only', () => {
    for (const [height, rooms] of floors.entries()) {
      const above = floors.slice(0, height).flat();
      for (const file of rooms.flatMap((room) => filesOf(join(source, room)))) {
        for (const name of loadedBy(file)) {
          const room = relative(source, resolve(dirname(file), name)).split('/')[0]!;
          expect(
            name.startsWith('.') && above.includes(room),
            `${relative(source, file)} imports ${name}`,
          ).toBe(false);
        }
      }
    }
  });
});

describe('what is published', () => {
  it("has the playground's page, which is built before packing", () => {
    const { files, scripts } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8'));
    expect(files).toContain('dist');
    expect(scripts.prepack).toContain('build:page');
    expect(scripts['build:page']).toMatch(/vite build web/);
    // `.npmrc` keeps scripts from running, this one too.
    expect(scripts.release).toContain('npm publish --ignore-scripts=false');
  });
});

describe('entries', () => {
  const entries = [
    '',
    'web',
    ...PORTABLE,
    'runtime',
    'experiments',
    'report',
    'data/node',
    'thresholds/node',
    'guard/node',
    'server',
    'export/node',
    'weights/node',
  ];
  it.each(entries)('outlier-exposure/%s can be imported', async (entry) => {
    const module = (await import(entry === '' ? 'outlier-exposure' : `outlier-exposure/${entry}`)) as Record<
      string,
      unknown
    >;
    expect(Object.keys(module).length).toBeGreaterThan(0);
  });
});
