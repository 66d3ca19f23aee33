/** `oe compare` as a process, the page that it writes, and `oe eval` with a detector that learns. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNpy } from '../src/data/npy.ts';
import { detectors, rectifiers } from '../src/detectors/index.ts';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import { violations } from './browser/accessibility.ts';
import { launch, skipBrowser } from './browser/harness.ts';
import { expectSentence, file, removeFolder, run, SIDE, writeBars, writeNoise } from './user-files.ts';

/** Knows bars by the third of the image that is bright; its features are the thirds' brightness after a ReLU. */
function writeClassifier(name: string, scale: number): void {
  const graph = new Graph('bars');
  const x = graph.addInput('x', 'float32', ['n', 3, SIDE, SIDE]);
  const size = 3 * SIDE * SIDE;
  const thirds = Float32Array.from({ length: 3 * size }, (_, i) =>
    Math.floor(((i % SIDE) * 3) / SIDE) === Math.floor(i / size) ? 3 / size : 0,
  );
  const own = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? scale : 0));
  const first = graph.addInitializer('w1', float32(thirds, [3, size]));
  const head = graph.addInitializer('w2', float32(own, [3, 3]));
  const flat = graph.add('Flatten', [x], { axis: 1 });
  const features = graph.add('Relu', [graph.add('Gemm', [flat, first], { transB: 1 })]);
  graph.addOutput(graph.add('Gemm', [features, head], { transB: 1 }));
  writeFileSync(file(name), writeModel(createModel(graph)));
}

beforeAll(() => {
  writeBars('train', 120, 1);
  writeBars('test', 60, 2);
  writeNoise('noise', 50, 3);
  writeNoise('other', 50, 4);
  writeClassifier('bars.onnx', 8);
  writeClassifier('sharp.onnx', 12);
});
afterAll(removeFolder);

const sets = ['--in', 'test.npy', '--labels', 'test-labels.npy', '--ood', 'noise.npy', 'again=other.npy'];
const fit = ['--fit', 'train.npy', '--fit-labels', 'train-labels.npy'];
const quiet = ['--threads', '1', '--quiet'];
const compare = (...args: string[]) => run(['compare', '--model', 'bars.onnx', ...sets, ...quiet, ...args]);

interface Printed {
  models: { name: string; testError: number }[];
  rows: { model: string; score: string; set: string; auroc: number }[];
  settings: { detectors: string[] };
  skipped: { detector: string; reason: string }[];
}

describe('oe compare', { timeout: 120_000 }, () => {
  it('puts the best first, for every model, and says what a choice is worth', async () => {
    const args = ['--detectors', 'msp', 'energy', 'max-logit', 'knn:k=5', 'mahalanobis', ...fit];
    const both = ['compare', '--model', 'bars.onnx', 'sharp.onnx', ...sets, ...quiet, ...args];
    const [shown, json] = [await run(both), await run([...both, '--json'])];
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect([json.code, json.stderr]).toEqual([0, '']);
    const { models, rows, skipped, settings } = JSON.parse(json.stdout) as Printed;
    expect(models.map(({ name, testError }) => [name, testError])).toEqual([
      ['bars', 0],
      ['sharp', 0],
    ]);
    expect(skipped).toEqual([]);
    expect(settings.detectors).toEqual(['msp', 'energy', 'max-logit', 'knn:k=5', 'mahalanobis']);
    const tables = shown.stdout.split(/^Detectors on /m).slice(1);
    expect(tables).toHaveLength(2);
    for (const [i, table] of tables.entries()) {
      const { name } = models[i]!;
      expect(table).toMatch(new RegExp(`^${name}: AUROC on each set, and the means`));
      const lines = [...table.matchAll(/^│ ([\w:=-]+) +│ (.*)│$/gm)].filter(
        ([, first]) => first !== 'detector',
      );
      const means = rows.filter((row) => row.model === name && row.set === 'mean');
      expect(lines.map(([, detector]) => detector).sort()).toEqual(means.map(({ score }) => score).sort());
      const shownMeans = lines.map(([, , cells]) => Number(cells!.split('│')[3]));
      expect(shownMeans).toEqual([...shownMeans].sort((a, b) => b - a));
      for (const [at, [, detector, cells]] of lines.entries()) {
        const own = rows.filter((row) => row.model === name && row.score === detector);
        expect(own.map(({ set }) => set)).toEqual(['noise', 'again', 'mean']);
        const percents = own.slice(0, 2).map(({ auroc }) => (100 * auroc).toFixed(2));
        expect(
          cells!
            .split('│')
            .slice(0, 2)
            .map((cell) => cell.trim()),
        ).toEqual(percents);
        expect(shownMeans[at]).toBeCloseTo(100 * own[2]!.auroc, 1);
      }
    }
    expect(shown.stdout).toMatch(/Test error 0.00 %/);
    expect(shown.stdout).toMatch(/choose on outliers that are not those of the final test/);
    expect(shown.stdout).not.toMatch(/Left out/);
  });

  it('without --fit says which of all were left out, and why', async () => {
    const [shown, json] = [await compare(), await compare('--json')];
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    const { settings, skipped } = JSON.parse(json.stdout) as Printed;
    expect([...settings.detectors, ...skipped.map(({ detector }) => detector)].sort()).toEqual(
      [...detectors.map(({ name }) => name), ...rectifiers.map(({ name }) => `${name}+energy`)].sort(),
    );
    const reasons = Object.fromEntries(skipped.map(({ detector, reason }) => [detector, reason]));
    expect(reasons).toMatchObject({
      knn: expect.stringContaining('learns from in-distribution training data'),
      'react+energy': expect.stringContaining('learns from'),
      confidence: 'needs confidence, which the model does not have',
      'mc-dropout': 'needs dropout, which the model does not have',
    });
    for (const name of ['msp', 'energy', 'odin', 'gradnorm', 'ash-s+energy'])
      expect(reasons[name]).toBeUndefined();
    const leftOut = shown.stdout.split('Left out:\n')[1]!.trimEnd().split('\n');
    expect(leftOut).toEqual(skipped.map(({ detector, reason }) => `  ${detector}: ${reason}`));
  });

  it.skipIf(skipBrowser)('writes a page that breaks no rule of accessibility', async () => {
    const written = await compare('--report', 'page.html', '--detectors', 'all', ...fit);
    expect(written.code, written.stderr).toBe(0);
    expect(written.stdout).toMatch(/Written to page.html\.\n$/);
    const browser = await launch();
    try {
      for (const [width, colorScheme] of [
        [360, 'light'],
        [1280, 'dark'],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
        const page = await context.newPage();
        const loaded: string[] = [];
        page.on('request', (request) => loaded.push(request.url().slice(0, 5)));
        await page.goto(pathToFileURL(file('page.html')).href);
        expect(loaded.filter((url) => url !== 'data:')).toEqual(['file:']);
        await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
        expect(await violations(page)).toEqual([]);
        const text = (await page.evaluate('document.body.innerText')) as string;
        for (const part of ['knn', 'mahalanobis', 'confidence: needs confidence'])
          expect(text).toContain(part);
        const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number;
        expect(wide).toBeLessThanOrEqual(width);
        await context.close();
      }
    } finally {
      await browser.close();
    }
  });

  it.each<[string, string[], RegExp]>([
    ['a detector misspelt', ['--detectors', 'msp', 'enrgy'], /did you mean "energy"/],
    ['a parameter misspelt', ['--detectors', 'knn:kk=3', ...fit], /no parameter "kk"; did you mean "k"/],
    ['all beside names', ['--detectors', 'all', 'msp'], /--detectors takes all or names, not both/],
    [
      'one that learns, and nothing to learn from',
      ['--detectors', 'msp', 'knn'],
      /give training data with --fit/,
    ],
    [
      'something to learn from, and none that learns',
      ['--detectors', 'msp', ...fit],
      /--fit is for detectors that learn/,
    ],
    ['one that the model cannot have', ['--detectors', 'confidence'], /and the model has none/],
    ['two sets of one name', ['--ood', 'a=noise.npy', 'a=other.npy'], /Two sets of outliers are named "a"/],
  ])('%s: a sentence, and no page', async (_, args, sentence) => {
    expectSentence(await compare('--report', 'none.html', ...args), sentence);
    expect(existsSync(file('none.html'))).toBe(false);
  });
});

describe('oe ensemble', { timeout: 120_000 }, () => {
  it('writes one model that answers with the mean of the probabilities, and that all commands take', async () => {
    const made = await run(['ensemble', 'bars.onnx', 'sharp.onnx', '--out', 'both.onnx']);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toBe(
      'both.onnx: 2 models as one, [n, 3, 12, 12] to logits [n, 3]; it answers with the mean of their probabilities.\n',
    );
    const models = ['bars.onnx', 'sharp.onnx', 'both.onnx'];
    const measured = await run(['eval', '--model', ...models, ...sets, ...quiet, '--scores', 'scores']);
    expect([measured.code, measured.stderr]).toEqual([0, '']);
    const scores = ['bars', 'sharp', 'both'].map(
      (name) => parseNpy(readFileSync(file(`scores/${name}/msp/again.npy`))).data as Float32Array,
    );
    expect(scores[2]).toHaveLength(12);
    // Both find the same third the brightest, one being the other's multiple.
    for (const [i, score] of scores[2]!.entries())
      expect(score).toBeCloseTo((scores[0]![i]! + scores[1]![i]!) / 2, 5);
    const guarded = ['--in', 'test.npy', '--fpr', '5', '--out', 'both.guard.json', ...quiet];
    expect((await run(['threshold', '--model', 'both.onnx', ...guarded])).code).toBe(0);
    const judge = ['--model', 'both.onnx', '--threshold', 'both.guard.json', '--strict'];
    const judged = await run(['score', ...judge, '--data', 'noise.npy', ...quiet]);
    expect(judged.code, judged.stderr).toBe(0);
    expect(judged.stdout.trim().split('\n')).toHaveLength(50);
    expectSentence(await run(['ensemble', 'bars.onnx', '--out', 'one.onnx']), /name two models or more/);
    expectSentence(
      await run(['eval', '--model', 'both.onnx', ...sets, ...quiet, '--detector', 'knn:k=5', ...fit]),
      /features/,
    );
  });
});

describe('oe eval', { timeout: 120_000 }, () => {
  it('fits a detector with settings, and tells it from its defaults', async () => {
    const evaluate = (...args: string[]) => run(['eval', '--model', 'bars.onnx', ...sets, ...quiet, ...args]);
    const { code, stderr, stdout } = await evaluate('--detector', 'knn:k=10', 'knn:k=1', ...fit, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { rows } = JSON.parse(stdout) as Printed;
    expect([...new Set(rows.map(({ score }) => score))]).toEqual(['knn:k=10', 'knn:k=1']);
    for (const { auroc } of rows) expect(auroc).toBeGreaterThan(0.9);
    const beyond = await evaluate('--detector', 'knn', 'msp', ...fit, '--json');
    expect(beyond.stderr).toMatch(
      /^Warning: The detector knn looks at neighbour 50, but the smallest class .* has 40 examples.*\.\n$/,
    );
    expect(JSON.parse(beyond.stdout).warnings).toHaveLength(1);
    expectSentence(await evaluate('--detector', 'knn:k=10'), /give training data with --fit/);
    expectSentence(
      await evaluate('--detector', 'knn:k=500', ...fit),
      /compares with 500 neighbours, but has 120 examples/,
    );
  });
});
