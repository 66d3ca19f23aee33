/** Any set of images that a user has, in one call. Node only. */
import { basename, resolve } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { concatSources } from '../concat.ts';
import { checkUnchanged, keptIn, type Selection } from '../duplicates/selection.ts';
import type { ImageSource } from '../source.ts';
import { subset } from '../subset.ts';
import { toShape } from '../to-shape.ts';
import { selectionAt } from './duplicates/selection-file.ts';
import { withLabels } from './formats/labels.ts';
import { openPath } from './formats/open-file.ts';
import { MEMORY, type OpenImagesOptions } from './formats/options.ts';

/**
 * Opens a set of images, or several as one. The format is told by content first and name second: .npy and .npz
 * (bytes, or numbers from 0 to 1 or to 255), IDX (also .gz), CIFAR's and Tiny Images' binary files, MATLAB (SVHN),
 * Parquet, pictures (png, jpg, webp, gif, tif, avif), folders of these, and .zip, .tar and .tar.gz of such folders,
 * which are unpacked once into the cache; and cleaned sets, as `oe data dedup` writes them (.json).
 *
 * Sets are read by window and may be larger than memory, but for compressed .npz, .mat and .gz files (up to 2 GiB).
 * The fingerprint is of the files' content up to 1 GiB, else of sizes, times of change and ends.
 *
 * @param spec a path, or several paths, whose images follow each other; they have labels when all sets have
 * @throws OutlierExposureError `not-found` when there is no such file or split, `invalid-file` for what is damaged or
 *   holds no images, `unsupported` for formats that are not read, `invalid-argument` when more has to be said
 */
export async function openImages(
  spec: string | readonly string[],
  options: OpenImagesOptions = {},
): Promise<ImageSource> {
  const { labels, shape, resize, name, memory = MEMORY } = options;
  const paths = typeof spec === 'string' ? [spec] : spec;
  if (paths.length === 0) throw new OutlierExposureError('invalid-argument', 'No path of images was given.');
  const sources: ImageSource[] = [];
  for (const path of paths) {
    options.signal?.throwIfAborted();
    const own = (paths.length === 1 ? name : undefined) ?? basename(resolve(path));
    const selection = await selectionAt(path);
    if (selection) {
      sources.push(await openCleaned(selection, path, { ...options, name: own }));
      continue;
    }
    const source = await openPath(path, { ...options, name: own });
    sources.push(shape ? toShape(source, shape, { memory, ...(resize && { resize }) }) : source);
  }
  const source = sources.length === 1 ? sources[0]! : concatSources(sources, { ...(name && { name }) });
  return labels === undefined ? source : withLabels(source, labels);
}

/** What is left of the images that a cleaned set is of. */
async function openCleaned(
  selection: Selection,
  path: string,
  options: OpenImagesOptions & { name: string },
): Promise<ImageSource> {
  const { kind, sets, reading } = selection;
  if (kind !== 'images') {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} is a cleaned set of ${kind}, but images were expected.`,
    );
  }
  const { labels: _, name, ...given } = options;
  const how = {
    ...given,
    ...(reading.split !== undefined && { split: reading.split }),
    ...(reading.layout && { layout: reading.layout }),
  };
  const opened: ImageSource[] = [];
  for (const set of sets) {
    if (await selectionAt(set.path)) {
      throw new OutlierExposureError(
        'invalid-file',
        `${path} is a cleaned set of ${set.path}, which is a cleaned set itself: clean the files that it is of.`,
      );
    }
    opened.push(await openImages(set.path, how));
  }
  checkUnchanged(selection, opened, { name: path });
  const all = opened.length === 1 ? opened[0]! : concatSources(opened);
  return { ...subset(all, keptIn(selection, { name: path })), name };
}
