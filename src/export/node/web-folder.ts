/** An exported model's folder: the model, the runtime's files, the page. Node only. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { type PageFiles, pageFile } from './files.ts';

/** What a page without WebGPU needs of onnxruntime-web. */
const RUNTIME = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'] as const;

/**
 * The files of `onnxruntime-web` that a page loads, under `ort/`.
 *
 * @throws OutlierExposureError `not-found` where the package is not installed
 */
export async function webRuntimeFiles(): Promise<PageFiles> {
  const files: PageFiles = new Map();
  const folder = runtimeFolder();
  for (const name of RUNTIME)
    files.set(
      `ort/${name}`,
      pageFile(name, await readFileBounded(join(folder, name), { what: 'file of onnxruntime-web' })),
    );
  return files;
}

function runtimeFolder(): string {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
    if (RUNTIME.every((name) => existsSync(join(folder, name)))) return folder;
  } catch {
    // Not installed, which is told below.
  }
  throw new OutlierExposureError(
    'not-found',
    'The page needs the files of onnxruntime-web, which is not installed here: npm install onnxruntime-web.',
  );
}
