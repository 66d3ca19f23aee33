/** `oe export`: a folder for static hosts, whose page says in a browser what the model says in Node. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenizer, createVocabulary, encodeNpy, withTokenizer } from '../src/data/index.ts';
import { parseNpy } from '../src/data/npy.ts';
import { energyScore } from '../src/detectors/index.ts';
import { loadGuard } from '../src/guard/index.ts';
import { thresholdFor } from '../src/guard/testing.ts';
import { convNet, gruClassifier } from '../src/nn/index.ts';
import { readModel, writeModel } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { saveThreshold } from '../src/thresholds/node/index.ts';
import { violations } from './browser/accessibility.ts';
import { launch, open, serve, skipBrowser } from './browser/harness.ts';
import { expectSentence, runOe } from './command.ts';

const run = (...words: string[]) => runOe(words);

describe('oe export', { timeout: 120_000 }, () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const model = convNet({ seed: 3 });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oe-export-'));
    writeFileSync(at('model.onnx'), writeModel(model));
    const random = Random.from(1, 'pictures');
    const pictures = (count: number) => Uint8Array.from({ length: count * 784 }, () => random.integer(256));
    writeFileSync(at('in.npy'), encodeNpy(pictures(60), [60, 28, 28]));
    writeFileSync(
      at('labels.npy'),
      encodeNpy(
        Int32Array.from({ length: 60 }, (_, i) => i % 10),
        [60],
      ),
    );
    writeFileSync(at('ood.npy'), encodeNpy(pictures(30), [30, 28, 28]));
    const made = await run(
      'threshold',
      '--model',
      at('model.onnx'),
      '--detector',
      'energy',
      '--in',
      at('in.npy'),
      '--fpr',
      '10',
      '--out',
      at('guard.json'),
      '--quiet',
    );
    expect(made).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const measured = () => [
    '--in',
    at('in.npy'),
    '--labels',
    at('labels.npy'),
    '--ood',
    `strange=${at('ood.npy')}`,
  ];

  it.each([
    ['float32', 1, 1],
    ['float16', 0.5, 0.56],
    ['int8', 0.2, 0.4],
  ])('stores weights in %s, and tells what that costs', async (precision, least, most) => {
    const site = at(precision);
    const { code, stdout } = await run(
      'export',
      '--model',
      at('model.onnx'),
      '--precision',
      precision,
      ...measured(),
      '--out',
      site,
      '--quiet',
      '--json',
    );
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    const { size } = statSync(join(site, 'model.onnx'));
    expect(told.modelBytes).toBe(size);
    expect(size / told.originalBytes).toBeGreaterThanOrEqual(least);
    expect(size / told.originalBytes).toBeLessThanOrEqual(most);
    expect(told.change.auroc).toEqual([
      { set: 'strange', before: expect.any(Number), after: expect.any(Number) },
      { set: 'mean', before: expect.any(Number), after: expect.any(Number) },
    ]);
    const [{ before, after }] = told.change.auroc;
    if (precision === 'float32') expect(after).toBe(before);
    expect(Math.abs(after - before)).toBeLessThan(0.05);
    expect(told.change.testError.before).toBeGreaterThan(0.5);
    // It can be read back, and takes and gives what it did.
    const read = readModel(new Uint8Array(readFileSync(join(site, 'model.onnx'))));
    expect([...read.graph.inputs.keys()]).toEqual([...model.graph.inputs.keys()]);
    expect([...read.graph.outputs.keys()]).toEqual([...model.graph.outputs.keys(), 'anomaly_score']);
  });

  it('prints a table', async () => {
    const { stdout } = await run(
      'export',
      '--model',
      at('model.onnx'),
      '--precision',
      'int8',
      '--scales',
      'tensor',
      ...measured(),
      '--out',
      at('table'),
      '--quiet',
    );
    expect(stdout).toMatch(/test error ↓ +│ +[\d.]+ │ +[\d.]+ │ +[±+−][\d.]+/);
    expect(stdout).toMatch(/AUROC ↑ strange/);
    expect(stdout).toMatch(/model\.onnx has \d+ kB \(int8, \d+ % of float32\)/);
  });

  it.skipIf(skipBrowser)('writes a page that computes in a browser what Node computes', async () => {
    const site = at('page');
    const { code } = await run(
      'export',
      '--model',
      at('model.onnx'),
      '--threshold',
      at('guard.json'),
      '--precision',
      'float16',
      '--out',
      site,
      '--quiet',
    );
    expect(code).toBe(0);
    const host = await serve(site, { isolated: false });
    const browser = await launch();
    try {
      const context = await browser.newContext();
      const { page, trouble } = await open(context, `${host.origin}/`);
      await page.waitForFunction("typeof window.classify === 'function'");
      const random = Random.from(2, 'picture');
      const gray = Array.from({ length: 784 }, () => random.integer(256));
      const rgba = gray.flatMap((value) => [value, value, value, 255]);
      const found = (await page.evaluate(`classify(${JSON.stringify(rgba)})`)) as {
        best: number;
        score: number;
      };
      const runtime = await nodeRuntime({ threads: 1, place: 'here' });
      const session = await runtime.createSession(new Uint8Array(readFileSync(join(site, 'model.onnx'))));
      const feeds = {
        pixels: {
          elementType: 'float32',
          shape: [1, 1, 28, 28],
          data: Float32Array.from(gray, (value) => value / 255),
        },
      } as const;
      const logits = (await session.run(feeds)).logits!.data as Float32Array;
      await runtime.dispose();
      expect(found.score).toBeCloseTo(energyScore(logits, 10)[0]!, 3);
      expect(found.best).toBe(logits.indexOf(Math.max(...logits)));

      const buffer = await sharp(Uint8Array.from(gray), { raw: { width: 28, height: 28, channels: 1 } })
        .png()
        .toBuffer();
      await page.locator('#picture').setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer });
      await page.waitForFunction(
        "/anomaly score \\(energy\\)/.test(document.querySelector('#answer').textContent)",
      );
      const { threshold } = JSON.parse(readFileSync(join(site, 'guard.json'), 'utf8'));
      const said = (await page.locator('#answer').textContent())!;
      expect(said.startsWith(found.score < threshold ? 'known' : 'an outlier')).toBe(true);
      expect(said).toContain(`class ${found.best}`);
      expect(await violations(page)).toEqual([]);
      expect(trouble).toEqual([]);
      await textPage(context);
    } finally {
      await browser.close();
      await host.close();
    }
  });

  /** The page of a classifier of texts: label, confidence and score are those of the guard in Node. */
  async function textPage(context: Parameters<typeof open>[0]): Promise<void> {
    const words = ['what', 'is', 'red', 'seven', 'how', 'many', 'colour', '</script>'];
    const tokenizer = createTokenizer({ vocabulary: createVocabulary(words), maxTokens: 20 });
    const gru = gruClassifier({ seed: 5, vocabulary: tokenizer.vocabulary.size, classes: 3 });
    gru.metadata.set('classes', '["colour","number","<b>other</b>"]');
    const texts = withTokenizer(gru, tokenizer);
    writeFileSync(at('texts.onnx'), writeModel(texts));
    const { threshold: _, ...rest } = thresholdFor(texts, 'texts.onnx');
    await saveThreshold(at('texts.guard.json'), { ...rest, threshold: -0.36 });
    const site = at('text-page');
    const ended = await run(
      'export',
      ...['--model', at('texts.onnx'), '--threshold', at('texts.guard.json'), '--out', site, '--quiet'],
    );
    expect(ended.code, ended.stderr).toBe(0);
    const host = await serve(site, { isolated: false });
    const runtime = await nodeRuntime({ threads: 1, place: 'here' });
    try {
      const bytes = (name: string) => new Uint8Array(readFileSync(join(site, name)));
      // The exported threshold is the exported model's.
      const guard = await loadGuard(bytes('model.onnx'), { runtime, threshold: bytes('guard.json') });
      const { page, trouble } = await open(context, `${host.origin}/`);
      await page.waitForFunction("typeof window.classify === 'function'");
      const seen = new Set<boolean>();
      for (const text of [
        'What is red',
        'how many  RED seven ?',
        `${'red '.repeat(30)}seven`,
        'seven </script>',
      ]) {
        const verdict = await guard.check(text);
        seen.add(verdict.isOutlier);
        const found = (await page.evaluate(`classify(${JSON.stringify(text)})`)) as {
          p: number[];
          score: number;
        };
        expect(found.score).toBeCloseTo(verdict.anomalyScore, 4);
        await page.locator('#text').fill(text);
        const said = `${verdict.isOutlier ? 'an outlier' : 'known'}, ${verdict.className}, ${(100 * verdict.confidence).toFixed(1)} % sure; anomaly score (msp) ${verdict.anomalyScore.toFixed(4)}`;
        await page.waitForFunction(`document.querySelector('#answer').value === ${JSON.stringify(said)}`);
      }
      expect(seen).toEqual(new Set([true, false]));
      await page.locator('#text').fill('');
      await page.waitForFunction("document.querySelector('#answer').value.startsWith('Type or paste')");
      expect(await violations(page)).toEqual([]);
      expect(trouble).toEqual([]);
      await guard.dispose();
    } finally {
      await runtime.dispose();
      await host.close();
    }
  }

  it('writes a model that tells its score and verdict itself, as oe score does', async () => {
    const exportOnnx = (...words: string[]) =>
      run('export', '--target', 'onnx', '--model', at('model.onnx'), ...words);
    const tell = ['--tell', 'features', 'score', 'verdict'];
    const { code, stdout, stderr } = await exportOnnx(
      '--threshold',
      at('guard.json'),
      ...tell,
      '--out',
      at('told.onnx'),
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('outputs are logits, features, anomaly_score, is_outlier');
    const scored = async (name: string, guard: string) =>
      JSON.parse(
        `[${(await run('score', '--model', at(name), '--threshold', at(guard), '--data', at('ood.npy'), '--format', 'jsonl', '--quiet')).stdout.trim().replaceAll('\n', ',')}]`,
      ) as { score: number; outlier: boolean }[];
    // The threshold beside it belongs to it.
    const lines = await scored('told.onnx', 'told.guard.json');
    expect(lines).toEqual(await scored('model.onnx', 'guard.json'));
    expect(lines).toHaveLength(30);
    const pixels = parseNpy(new Uint8Array(readFileSync(at('ood.npy')))).data as Uint8Array;
    const runtime = await nodeRuntime({ threads: 1, place: 'here' });
    const session = await runtime.createSession(new Uint8Array(readFileSync(at('told.onnx'))));
    const data = Float32Array.from(pixels, (value) => value / 255);
    const outputs = await session.run({ pixels: { elementType: 'float32', shape: [30, 1, 28, 28], data } });
    await runtime.dispose();
    const [scores, verdicts] = [outputs.anomaly_score!.data, outputs.is_outlier!.data].map((each) =>
      Array.from(each as Float32Array, Number),
    ) as [number[], number[]];
    for (const [i, { score, outlier }] of lines.entries()) {
      expect(scores[i]).toBeCloseTo(score, 4);
      expect(verdicts[i] === 1).toBe(outlier);
    }
    for (const [words, sentence] of [
      [['--out', at('folder')], /does not end in .onnx/],
      [['--tell', 'verdict', '--out', at('no.onnx')], /needs a threshold/],
      [['--detector', 'knn', '--out', at('no.onnx')], /knn learns from data first/],
      [['--detector', 'odin', '--out', at('no.onnx')], /odin cannot be told.*msp/],
      [['--precision', 'int8', '--out', at('no.onnx')], /--precision belongs to --target web/],
    ] as const)
      expectSentence(await exportOnnx(...words), sentence);
  });

  it('says what is wrong, and writes nothing', async () => {
    const text = at('text.onnx');
    writeFileSync(text, writeModel(gruClassifier({ seed: 1, vocabulary: 20, classes: 3, padding: 0 })));
    for (const [words, sentence] of [
      [['--model', at('nowhere.onnx')], /nowhere\.onnx cannot be read: no such file/],
      [['--model', text], /does not say which word has which/],
      [['--model', at('model.onnx'), '--in', at('in.npy')], /--in was given without --ood/],
      [['--model', at('model.onnx'), '--threshold', at('in.npy')], /no file of a threshold/],
    ] as const) {
      const { code, stderr } = await run('export', ...words, '--out', at('nothing'));
      expect(code).toBe(2);
      expect(stderr).toMatch(sentence);
      expect(() => statSync(join(at('nothing'), 'index.html'))).toThrow(/ENOENT/);
    }
  });
});
