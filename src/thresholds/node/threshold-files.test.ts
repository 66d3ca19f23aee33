import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findDetector, fitDetector, matrix, scoreOutputs, settingsOf } from '../../detectors/index.ts';
import { Random } from '../../random.ts';
import { chooseThreshold } from '../index.ts';
import { openThreshold, saveThreshold } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'oe-threshold-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = Random.from(1, 'logits');
const CLASSES = 4;
const labels = Int32Array.from({ length: 80 }, (_, i) => i % CLASSES);
const logits = Float32Array.from(
  { length: 80 * CLASSES },
  (_, i) => random.normal() + (i % CLASSES === labels[Math.floor(i / CLASSES)] ? 3 : 0),
);
const outputs = { logits: matrix(logits, CLASSES) };

async function save(text: string, path: string) {
  const detector = await fitDetector(findDetector(text), { ...outputs, labels });
  const scores = await scoreOutputs(detector, outputs);
  const chosen = chooseThreshold(scores, { fpr: 0.1 });
  const rest = { model: { name: 'm.onnx', sha256: 'a'.repeat(64) }, sets: [], data: [], versions: {} };
  const written = await saveThreshold(path, { ...chosen, ...rest, rule: { fpr: 0.1 }, detector });
  return { scores, chosen, written };
}

describe('saveThreshold and openThreshold', () => {
  it.each([
    'msp',
    'energy:temperature=0.7',
    'kl-matching',
    'temperature',
    'openmax:tail=7',
    'gen:m=2,gamma=0.3',
  ])('%s scores to the same bits again', async (text) => {
    const path = join(folder, `${text.replaceAll(/\W/g, '-')}.json`);
    const { scores, chosen, written } = await save(text, path);
    const { file, detector } = await openThreshold(path);
    expect(file.threshold).toBe(chosen.threshold);
    expect(file.detector.settings).toEqual(settingsOf(findDetector(text)));
    expect(await scoreOutputs(detector, outputs)).toEqual(scores);
    expect(written.every(existsSync)).toBe(true);
    expect(written.length).toBe(findDetector(text).fit ? 2 : 1);
  });

  it('keeps the two files together', async () => {
    const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')];
    await save('openmax', first);
    await save('openmax:tail=5', second);
    const state = (path: string) => path.replace('.json', '.safetensors');
    writeFileSync(state(first), readFileSync(state(second)));
    await expect(openThreshold(first)).rejects.toThrowError(
      /first.safetensors is not the file that was written with .*first.json/,
    );
    rmSync(state(first));
    await expect(openThreshold(first)).rejects.toThrowError(/first.safetensors cannot be read: no such file/);
    // The right checksum of the wrong file: settings differ.
    const text = readFileSync(second, 'utf8').replace('"tail": 5', '"tail": 6');
    writeFileSync(second, text);
    await expect(openThreshold(second)).rejects.toThrowError(
      /belongs to another detector, or to other settings/,
    );
  });

  it('says that a file is missing', async () => {
    await expect(openThreshold(join(folder, 'none.json'))).rejects.toThrowError(/none.json cannot be read/);
  });
});
