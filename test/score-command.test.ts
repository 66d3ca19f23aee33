/** `oe score` as a process: formats, a reader that leaves, and memory. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy, parseNpy } from '../src/data/npy.ts';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import { file, folder, oe, removeFolder, run, SIDE, writeBars, writeNoise } from './user-files.ts';

beforeAll(() => {
  writeBars('train', 200, 1);
  writeNoise('noise', 90, 3);
});
afterAll(removeFolder);

describe('oe score', () => {
  /** Flattens: as many classes as pixels, whatever the shape says. */
  function writeFlat(name: string, shape: (string | number)[], output: 'Flatten' | 'Relu' = 'Flatten'): void {
    const graph = new Graph('flat');
    graph.addInput('x', 'float32', shape);
    graph.addOutput(graph.add(output, ['x'], output === 'Flatten' ? { axis: 1 } : {}));
    writeFileSync(file(name), writeModel(createModel(graph)));
  }

  it('writes scores to a file, whole, with a summary', async () => {
    writeFlat('flat.onnx', ['n', 3, SIDE, SIDE]);
    const scored = await run([
      'score',
      '--model',
      'flat.onnx',
      '--data',
      'train.npy',
      'noise.npy',
      '--format',
      'npy',
      '--out',
      's.npy',
      '--json',
    ]);
    expect(scored.code, scored.stderr).toBe(0);
    expect(JSON.parse(scored.stdout)).toMatchObject({ images: 290, detector: 'msp', out: 's.npy' });
    expect(scored.stderr).toMatch(/Score: .* images\/s/);
    const all = parseNpy(readFileSync(file('s.npy')));
    expect(all.shape).toEqual([290]);
    const csv = await run([
      'score',
      '--model',
      'flat.onnx',
      '--data',
      'noise.npy',
      '--format',
      'csv',
      '--quiet',
    ]);
    const [head, ...lines] = csv.stdout.trim().split('\n');
    expect(head).toBe('index,predicted,confidence,score');
    expect(lines.map((line) => Math.fround(Number(line.split(',')[3])))).toEqual([
      ...(all.data.slice(200) as Float32Array),
    ]);
    // Sizes that the model leaves open are the data's.
    writeFlat('open.onnx', ['n', 'c', 'h', 'w']);
    const open = await run([
      'score',
      '--model',
      'open.onnx',
      '--data',
      'noise.npy',
      '--format',
      'csv',
      '--quiet',
    ]);
    expect(open.stdout).toBe(csv.stdout);
  });

  it('ends quietly when its reader has had enough', async () => {
    const script = `"${process.execPath}" "${oe}" score --model flat.onnx --data train.npy | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script], { cwd: folder });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data));
    await new Promise((resolve) => child.on('close', resolve));
    expect(text).toMatch(/^\{"index":0,.*\}\n0\n$/);
  });

  it('needs no more memory for a million images than for a fifth of them', { timeout: 240_000 }, async () => {
    /** Black images, whose file has a hole for its pixels. */
    const write = (name: string, count: number): void => {
      const whole = encodeNpy(new Uint8Array(0), [0, 8, 8]);
      const text = new TextDecoder('latin1').decode(whole.subarray(10));
      const counted = `${text
        .trimEnd()
        .replace('(0,', `(${count},`)
        .padEnd(text.length - 1)}\n`;
      const handle = openSync(file(name), 'w');
      writeSync(handle, Buffer.concat([Buffer.from(whole.subarray(0, 10)), Buffer.from(counted)]));
      truncateSync(file(name), whole.length + count * 64);
    };
    const graph = new Graph('linear');
    const x = graph.addInput('x', 'float32', ['n', 1, 8, 8]);
    const weight = graph.addInitializer('w', float32(new Float32Array(256).fill(0.01), [4, 64]));
    graph.addOutput(graph.add('Gemm', [graph.add('Flatten', [x], { axis: 1 }), weight], { transB: 1 }));
    writeFileSync(file('linear.onnx'), writeModel(createModel(graph)));
    const peak = async (count: number): Promise<number> => {
      write('black.npy', count);
      const args = [
        'score',
        '--model',
        'linear.onnx',
        '--data',
        'black.npy',
        '--threads',
        '1',
        '--json',
        '--quiet',
      ];
      const { code, stdout, stderr } = await run([...args, '--out', 'black.jsonl']);
      expect(code, stderr).toBe(0);
      const { images: scored, peakMemoryBytes } = JSON.parse(stdout) as {
        images: number;
        peakMemoryBytes: number;
      };
      expect(scored).toBe(count);
      return peakMemoryBytes;
    };
    // Enough for the garbage collector to have found its pace.
    const few = await peak(200_000);
    const million = await peak(1_000_000);
    const last = readFileSync(file('black.jsonl')).subarray(-60).toString().trim().split('\n').at(-1);
    expect(last).toMatch(/"confidence":0\.25,"score":-0\.25\}$/);
    // Kept as floats, the other 800,000 would take 205 MB.
    expect(million - few).toBeLessThan(100e6);
  });
});
