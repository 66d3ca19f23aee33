/** Pulls the plug on training, again and again: it must go on from its last checkpoint to the same bits. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/random.ts';
import { decodeCheckpoint } from '../src/training/index.ts';

const KILLS = 50;
const script = fileURLToPath(new URL('./fixtures/train-small.js', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-resume-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the training; with a time, kills it after that many milliseconds. */
function training(checkpoint: string, result: string, killAfter?: number): Promise<'ended' | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, checkpoint, result], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve('ended');
      else reject(new Error(`the training ended with code ${code}`));
    });
  });
}

describe('kill -9', () => {
  it(`at ${KILLS} random moments loses nothing`, { timeout: 600_000 }, async () => {
    const file = (name: string) => join(folder, name);
    const began = performance.now();
    await training(file('whole.safetensors'), file('whole.onnx'));
    const whole = performance.now() - began;
    const random = Random.from(7, 'kills');
    const checkpoint = file('broken.safetensors');
    let [kills, finished, furthest] = [0, 0, 0];
    while (kills < KILLS || finished === 0) {
      const moment = kills < KILLS ? random.uniform() * whole * 1.1 : undefined;
      if ((await training(checkpoint, file('broken.onnx'), moment)) === 'killed') {
        kills++;
        // Whatever is there, is whole, and no run falls back behind it.
        if (!existsSync(checkpoint)) continue;
        const { step } = decodeCheckpoint(readFileSync(checkpoint));
        expect(step).toBeGreaterThanOrEqual(furthest);
        furthest = step;
      } else {
        expect(readFileSync(file('broken.onnx')).equals(readFileSync(file('whole.onnx')))).toBe(true);
        expect(readFileSync(file('broken.onnx.json'), 'utf8')).toBe(
          readFileSync(file('whole.onnx.json'), 'utf8'),
        );
        rmSync(checkpoint);
        [finished, furthest] = [finished + 1, 0];
      }
    }
    expect(kills).toBe(KILLS);
    // Temporary files of killed processes are taken over, not piled up.
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp')).length).toBeLessThanOrEqual(1);
  });
});
