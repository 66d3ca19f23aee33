/** Guards from files. Node only. */
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readModelFile } from '../../onnx/node/index.ts';
import { type NodeRuntimeOptions, nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { openThreshold } from '../../thresholds/node/index.ts';
import { type Guard, type GuardOptions, loadGuard } from '../guard.ts';
import { imageDecoder } from './decode.ts';

export interface OpenGuardOptions
  extends NodeRuntimeOptions,
    Pick<GuardOptions, 'shape' | 'batch' | 'maxTextLength' | 'otherModel'> {
  /** The file of `oe threshold`. Default: `NAME.guard.json` beside `NAME.onnx`, else `guard.json` in its folder. */
  threshold?: string | undefined;
  /** Default: one of the guard's own, which ends with it. */
  runtime?: Runtime | undefined;
  /** Pixels that an image may have in its file. Default 33,554,432. */
  maxPixels?: number | undefined;
}

/**
 * Opens a classifier's file and its threshold's.
 *
 * @throws OutlierExposureError when a file is missing or damaged, or the threshold was chosen for another model
 */
export async function openGuard(path: string, options: OpenGuardOptions = {}): Promise<Guard> {
  const { threshold, runtime: given, threads, place, whileIdle, maxPixels, ...rest } = options;
  const opened = await openThreshold(threshold ?? (await thresholdBeside(path)));
  const { model, sha256 } = await readModelFile(path);
  const runtime =
    given ??
    (await nodeRuntime({
      ...(threads === undefined ? {} : { threads }),
      ...(place === undefined ? {} : { place }),
      ...(whileIdle === undefined ? {} : { whileIdle }),
    }));
  const disposeRuntime = async () => {
    if (!given) await runtime.dispose();
  };
  try {
    const decode = imageDecoder({ maxPixels });
    const guard = await loadGuard(model, { ...rest, runtime, threshold: opened, sha256, decode });
    return {
      ...guard,
      async dispose() {
        await guard.dispose();
        await disposeRuntime();
      },
    };
  } catch (error) {
    await disposeRuntime();
    throw error;
  }
}

/**
 * The threshold's file that belongs to a model's.
 *
 * @throws OutlierExposureError `not-found` when there is none
 */
export async function thresholdBeside(path: string): Promise<string> {
  const places = [`${basename(path).replace(/\.onnx$/i, '')}.guard.json`, 'guard.json'];
  for (const name of places) {
    const place = join(dirname(path), name);
    const there = await access(place).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  throw new OutlierExposureError(
    'not-found',
    `There is no threshold beside ${path} (${places.join(' or ')}): choose one with oe threshold, or say where it is.`,
  );
}
