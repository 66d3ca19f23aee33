import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32 } from '../onnx/index.ts';
import type { Checkpoint } from '../training/index.ts';
import { checkpointFolder, fileCheckpointStore } from './checkpoints.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-checkpoints-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkpoint = (step: number, size = 1000): Checkpoint => ({
  step,
  variables: { w: float32(new Float32Array(size).fill(step), [size]) },
  meter: {
    history: [],
    sums: { loss: 0.1 + step },
    averages: { loss: 1 / 3 },
    seconds: 2,
    epochSeconds: 1,
    idleSeconds: 0,
  },
});

describe('fileCheckpointStore', () => {
  it('gives back what it keeps, and keeps one file', async () => {
    const place = join(folder, 'plain');
    mkdirSync(place);
    const store = fileCheckpointStore(join(place, 'model.safetensors'));
    expect(await store.load()).toBeUndefined();
    for (const step of [1, 2, 3]) await store.save(checkpoint(step));
    expect(await store.load()).toEqual(checkpoint(3));
    expect(readdirSync(place)).toEqual(['model.safetensors']);
  });

  it('says that a file is no checkpoint', async () => {
    const path = join(folder, 'other.safetensors');
    writeFileSync(path, 'something else entirely');
    await expect(fileCheckpointStore(path).load()).rejects.toMatchObject({ code: 'invalid-file' });
  });

  it('keeps the last checkpoint when the disk is full', async (context) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      context.skip('Only root can make a disk to fill.');
    }
    try {
      const store = fileCheckpointStore(join(disk, 'model.safetensors'));
      await store.save(checkpoint(1, 20_000));
      await expect(store.save(checkpoint(2, 20_000))).rejects.toThrowError(
        /the disk is full; free some space/,
      );
      expect(await store.load()).toEqual(checkpoint(1, 20_000));
      expect(readdirSync(disk)).toEqual(['model.safetensors']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('checkpointFolder', () => {
  const settings = { size: 'full', outliers: 'icons' };

  it('resumes under the same settings alone, and names those that differ', async () => {
    const place = join(folder, 'run');
    const stores = await checkpointFolder(place, 'anew', { threads: 2 })(settings);
    await stores(1, 'baseline').save(checkpoint(7));
    const again = await checkpointFolder(place, 'resume', { threads: 2 })(settings);
    expect((await again(1, 'baseline').load())!.step).toBe(7);
    expect(await again(2, 'baseline').load()).toBeUndefined();
    await expect(
      checkpointFolder(place, 'resume', { threads: 1 })({ ...settings, size: 'quick' }),
    ).rejects.toThrowError(/size was full, is now quick; threads was 2, is now 1/);
  });

  it('starts anew with nothing of the last run', async () => {
    const place = join(folder, 'anew');
    await (await checkpointFolder(place, 'anew', {})(settings))(1, 'baseline').save(checkpoint(7));
    const stores = await checkpointFolder(place, 'anew', {})(settings);
    expect(await stores(1, 'baseline').load()).toBeUndefined();
  });

  it('tells what it discards, and what would have kept it from going on', async () => {
    const place = join(folder, 'discarded');
    const told: [string, string | undefined][] = [];
    const open = (own = settings) =>
      checkpointFolder(place, 'anew', {}, { onDiscard: (...about) => told.push(about) })(own);
    const stores = await open();
    await open();
    // So far no training has left anything.
    expect(told).toEqual([]);
    await stores(1, 'baseline').save(checkpoint(7));
    await (await open())(1, 'baseline').save(checkpoint(8));
    await open({ ...settings, outliers: 'glyphs' });
    expect(told).toEqual([
      [place, undefined],
      [place, 'outliers was icons, is now glyphs'],
    ]);
    expect(readdirSync(place)).toEqual(['settings.json']);
  });

  it('says that there is nothing to resume, or that it is damaged', async () => {
    await expect(checkpointFolder(join(folder, 'none'), 'resume', {})(settings)).rejects.toThrowError(
      /nothing to resume in .*none/,
    );
    const place = join(folder, 'damaged');
    mkdirSync(place);
    writeFileSync(join(place, 'settings.json'), '{"size": "fu');
    await expect(checkpointFolder(place, 'resume', {})(settings)).rejects.toThrowError(
      /damaged: start the run anew/,
    );
  });
});
