/** A model and its threshold as they were when they were loaded, with workers that run them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ImageShape } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import {
  aboutGuard,
  type DriftMonitor,
  driftMonitor,
  type GuardAbout,
  guardedModel,
  type ImageSize,
  type ModelSides,
  shapeOfSize,
} from '../guard/index.ts';
import { writeModel } from '../onnx/index.ts';
import { readModelFile } from '../onnx/node/index.ts';
import { openThreshold, saveThreshold } from '../thresholds/node/index.ts';
import { readDriftState, type Watched } from './drift-state.ts';
import { createPool, type Pool, type PoolEvent } from './pool.ts';
import { startWorker } from './worker-process.ts';

export interface GenerationOptions {
  model: string;
  threshold: string;
  otherModel: 'refuse' | 'allow';
  size: ImageSize | undefined;
  workers: number;
  threads: number;
  batch: number;
  batchWait: number;
  stuckAfter: number;
  drift: { window: number; alarmRate: number } | undefined;
  /** The file of what a monitor has seen, to go on from. */
  driftState: string | undefined;
  onEvent(event: PoolEvent): void;
}

export interface Generation {
  readonly about: GuardAbout;
  /** The model's SHA-256. */
  readonly sha256: string;
  readonly pool: Pool;
  /** Undefined where it was not wanted, or calibration data are too few for it. */
  readonly drift: DriftMonitor | undefined;
  /** Whoever is going to submit says so, so that the workers wait; @returns to be called when all is submitted and answered */
  enter(): () => void;
  /** Waits for those who entered, then ends the workers. */
  retire(): Promise<void>;
}

/**
 * Reads both files, checks that they belong together, and starts the workers. These read copies, so that one that is started
 * again later gets the same model, whatever became of the files.
 *
 * @throws OutlierExposureError when a file cannot be used, or a worker cannot load it
 */
export async function loadGeneration(options: GenerationOptions): Promise<Generation> {
  const { threads, batch, workers, batchWait, stuckAfter, onEvent } = options;
  const { file, detector } = await openThreshold(options.threshold);
  const { model, sha256 } = await readModelFile(options.model);
  if (options.otherModel === 'refuse' && sha256 !== file.model.sha256)
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.threshold} was chosen for another model, ${file.model.name} (SHA-256 ${file.model.sha256.slice(0, 12)}…), than ${options.model} (${sha256.slice(0, 12)}…), so that its rates do not hold: choose one for this model with oe threshold, or allow it with --any-model.`,
    );
  const { tokenizer, sides, classNames, ...own } = guardedModel(model, options.model);
  const shape = sides && shapeFor(sides, own.shape, options);
  const about = aboutGuard(file, { tokenizer, classNames }, shape);
  const drift = await monitorOf(options, { model: sha256, detector: about.detector }, file);
  const folder = await mkdtemp(join(tmpdir(), 'oe-serve-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const copies = { model: join(folder, basename(options.model)), threshold: join(folder, 'guard.json') };
    await writeFileAtomic(copies.model, writeModel(model));
    const { format: _, version: __, ...rest } = file;
    await saveThreshold(copies.threshold, { ...rest, detector, features: file.detector.features });
    const setup = { ...copies, threads, batch, shape };
    const pool = createPool({
      workers,
      batch,
      batchWait,
      stuckAfter,
      onEvent,
      start: () => startWorker(setup),
    });
    await pool.ready.catch(async (error: unknown) => {
      await pool.close();
      throw error;
    });
    let inside = 0;
    let whenEmpty: (() => void) | undefined;
    return {
      about,
      sha256,
      pool,
      drift,
      enter() {
        inside++;
        return () => {
          if (--inside === 0) whenEmpty?.();
        };
      },
      async retire() {
        if (inside > 0)
          await new Promise<void>((resolve) => {
            whenEmpty = resolve;
          });
        await pool.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function shapeFor(
  sides: ModelSides,
  own: ImageShape | undefined,
  { model, size }: Pick<GenerationOptions, 'model' | 'size'>,
): ImageShape {
  if (size) return shapeOfSize(sides, size, model);
  if (own) return own;
  throw new OutlierExposureError(
    'unsupported',
    `${model} leaves the size of its images open, [${sides.map((side) => side ?? '?').join(', ')}] (channels, height, width): say what images are to be brought to, with --size 224 for example.`,
  );
}

async function monitorOf(
  { drift, driftState }: Pick<GenerationOptions, 'drift' | 'driftState'>,
  watched: Watched,
  { threshold, fpr }: { threshold: number; fpr: { flagged: number; count: number } },
): Promise<DriftMonitor | undefined> {
  if (!drift) return undefined;
  const state = driftState === undefined ? undefined : await readDriftState(driftState, watched);
  try {
    return driftMonitor({ threshold, reference: fpr, ...drift, state });
  } catch (error) {
    if (!(error instanceof OutlierExposureError)) throw error;
    if (driftState !== undefined)
      throw new OutlierExposureError(
        error.code,
        `${driftState} cannot keep what the drift monitor sees: ${error.message}`,
      );
    // Too few calibration examples, or all of them flagged: serving goes on without.
    return undefined;
  }
}
