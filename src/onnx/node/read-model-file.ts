/** Reads a model and the weights that it keeps in files of its folder. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { fileError, readFileBounded } from '../../files/atomic.ts';
import type { ReadExternal } from '../external-data.ts';
import type { Model } from '../graph.ts';
import { readModel } from '../read.ts';

export interface ModelFile {
  model: Model;
  /** Of the .onnx file, followed by what was read of others. */
  sha256: string;
}

/**
 * Reads an .onnx file. Weights in other files are read from the model's own folder or folders inside it, and from nowhere
 * else, links followed.
 *
 * @throws OutlierExposureError `not-found` or `io` where a file cannot be read, `invalid-file` where its content does not
 *   fit, or a location leads out of the folder
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readFileBounded(path, { what: 'model (.onnx)' });
  const hash = createHash('sha256').update(bytes);
  const { readExternal, close } = readerBeside(path, hash);
  try {
    const model = readModel(bytes, { name: path, readExternal });
    return { model, sha256: hash.digest('hex') };
  } finally {
    close();
  }
}

function readerBeside(path: string, hash: Hash): { readExternal: ReadExternal; close: () => void } {
  const folder = realpathSync(dirname(resolve(path)));
  const opened = new Map<string, { descriptor: number; size: number }>();
  const open = (location: string) => {
    const known = opened.get(location);
    if (known) return known;
    const file = insideOf(folder, location, path);
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch (error) {
      throw fileError(error, file, 'read');
    }
    const info = fstatSync(descriptor);
    const entry = { descriptor, size: info.isFile() ? info.size : 0 };
    opened.set(location, entry);
    return entry;
  };
  return {
    readExternal(location, offset, length) {
      const { descriptor, size } = open(location);
      if (offset + length > size) {
        throw new OutlierExposureError(
          'invalid-file',
          `${path} takes bytes ${offset} to ${offset + length} of "${location}", which has ${size}: download or export both files again.`,
        );
      }
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const read = readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
        if (read === 0) throw new OutlierExposureError('io', `"${location}" ended while it was read.`);
        done += read;
      }
      hash.update(bytes);
      return bytes;
    },
    close: () => {
      for (const { descriptor } of opened.values()) closeSync(descriptor);
    },
  };
}

/** The file's real path, which must lie in the folder: the location comes from a stranger. */
function insideOf(folder: string, location: string, model: string): string {
  const outside = (path: string) => {
    const way = relative(folder, path);
    return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  };
  const wanted = resolve(folder, location);
  const refuse = () =>
    new OutlierExposureError(
      'invalid-file',
      `${model} keeps weights in "${location}", which is not inside its own folder: only files beside it are read.`,
    );
  if (isAbsolute(location) || location.includes('\0') || outside(wanted)) throw refuse();
  let real: string;
  try {
    real = realpathSync(wanted);
  } catch (error) {
    throw fileError(error, wanted, 'read');
  }
  if (outside(real)) throw refuse();
  return real;
}
