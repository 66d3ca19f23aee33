/** The sets that `oe data dedup` compares, opened so that they can be compared. */

import { concatSources } from '../../data/concat.ts';
import { type ImageShape, type ImageSource, type TextSource, toShape } from '../../data/index.ts';
import { withLabels } from '../../data/node/formats/labels.ts';
import { concatTexts } from '../../data/text/concat.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { openSet, type SetOptions } from '../sets.ts';
import { openTexts, type TextSetOptions } from '../text-sets.ts';
import { kindAt, type SetKind } from './kind.ts';

/** Pictures of different sizes are compared in this one; more is not looked at. */
const COMMON: ImageShape = [3, 64, 64];
/** Larger arrays are brought to the common shape. */
const MAX_SIDE = 96;

export interface DedupSets {
  kind: SetKind;
  outliers: Opened;
  against: Opened[];
}

/** A set, and the files that it is of. */
export interface Opened {
  source: ImageSource | TextSource;
  parts: { path: string; length: number; fingerprint: string }[];
}

export interface OpenRun {
  options: SetOptions &
    TextSetOptions & {
      split?: string;
      /** Of the sets that it is compared with. */
      againstSplit?: string;
      labels?: string;
      kind?: SetKind;
    };
  /** Of what is cleaned, where classes are to go. */
  wantLabels: 'yes' | 'no';
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Gets what is to be closed. */
  opened: ImageSource[];
}

/**
 * Opens what is to be cleaned and what it is compared with.
 *
 * @throws OutlierExposureError `invalid-argument` when some are images and some are texts
 */
export async function openSets(
  outliers: readonly string[],
  against: readonly string[],
  run: OpenRun,
): Promise<DedupSets> {
  let [first, kind] = [outliers[0]!, run.options.kind];
  for (const path of [...outliers, ...against]) {
    const own = await kindAt(path);
    if (own === undefined) continue;
    if (kind === undefined) [first, kind] = [path, own];
    if (own === kind) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      run.options.kind
        ? `${path} holds ${own}, but --kind says ${kind}.`
        : `${first} holds ${kind}, but ${path} holds ${own}: sets of one kind are compared with each other.`,
    );
  }
  if (kind === 'texts') return openTextSets(outliers, against, run);
  return openImageSets(outliers, against, run);
}

async function openImageSets(
  outliers: readonly string[],
  against: readonly string[],
  run: OpenRun,
): Promise<DedupSets> {
  const { options, signal, onProgress, opened } = run;
  const { layout } = options;
  const open = async (path: string, split: string | undefined): Promise<ImageSource> => {
    const how = { layout, split, resize: 'stretch', memory: 0, signal, onProgress } as const;
    try {
      const source = await openSet(path, path, { ...how, shape: undefined });
      // Pictures in files may differ in size.
      if (!source.nameOf) return source;
      await source.close?.();
    } catch (error) {
      // The first picture, which tells the size, may be the one that is damaged; or an archive's may differ.
      if (!(error instanceof OutlierExposureError && error.code === 'invalid-file')) throw error;
    }
    return openSet(path, path, { ...how, shape: COMMON });
  };
  const paths = [...outliers, ...against];
  const sources: ImageSource[] = [];
  for (const [i, path] of paths.entries()) {
    const source = await open(path, i < outliers.length ? options.split : options.againstSplit);
    opened.push(source);
    sources.push(source);
  }
  const shape = commonShape(sources);
  const shaped = sources.map((source) => toShape(source, shape, { resize: 'stretch' }));
  const mine = shaped.slice(0, outliers.length);
  const joined = mine.length === 1 ? mine[0]! : concatSources(mine);
  const parts = sources.map(({ length, fingerprint }, i) => ({ path: paths[i]!, length, fingerprint }));
  return {
    kind: 'images',
    outliers: {
      source: options.labels === undefined ? joined : await withLabels(joined, options.labels),
      parts: parts.slice(0, outliers.length),
    },
    against: shaped
      .slice(outliers.length)
      .map((source, i) => ({ source, parts: [parts[outliers.length + i]!] })),
  };
}

/**
 * Opens sets of images anew, stretched to a shape.
 *
 * @throws OutlierExposureError `invalid-argument` for channels that cannot be made from what there is
 */
export async function openImagesAs(
  shape: ImageShape,
  { outliers, against }: { outliers: readonly string[]; against: readonly string[] },
  { options: { layout, split, againstSplit }, signal, onProgress, opened }: OpenRun,
): Promise<{ cleaned: ImageSource; against: ImageSource[] }> {
  const sources: ImageSource[] = [];
  for (const [i, path] of [...outliers, ...against].entries()) {
    const part = i < outliers.length ? split : againstSplit;
    const how = { layout, split: part, resize: 'stretch', memory: 0, shape, signal, onProgress } as const;
    const source = await openSet(path, path, how);
    opened.push(source);
    sources.push(source);
  }
  const mine = sources.slice(0, outliers.length);
  return {
    cleaned: mine.length === 1 ? mine[0]! : concatSources(mine),
    against: sources.slice(outliers.length),
  };
}

/** The shape that all have, unless it is larger than needed. */
function commonShape(sources: readonly ImageSource[]): ImageShape {
  const { shape } = sources[0]!;
  const same = sources.every((source) => source.shape.every((side, i) => side === shape[i]));
  if (same && Math.max(shape[1], shape[2]) <= MAX_SIDE) return shape;
  return sources.every((source) => source.shape[0] === 1) ? [1, COMMON[1], COMMON[2]] : COMMON;
}

async function openTextSets(
  outliers: readonly string[],
  against: readonly string[],
  run: OpenRun,
): Promise<DedupSets> {
  const { options, wantLabels, signal, onProgress } = run;
  if (options.labels !== undefined || options.layout !== undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `--${options.labels !== undefined ? 'labels' : 'layout'} is for images, but the sets are texts: leave it out.`,
    );
  }
  const { textFormat, textColumn, labelColumn, encoding, split } = options;
  const mine: TextSource[] = [];
  const labels = wantLabels === 'yes' ? 'fine' : 'none';
  for (const path of outliers)
    mine.push(
      await openTexts(path, path, {
        textFormat,
        textColumn,
        labelColumn,
        encoding,
        split,
        labels,
        signal,
        onProgress,
      }),
    );
  const others: TextSource[] = [];
  for (const path of against)
    others.push(
      await openTexts(path, path, { encoding, split: options.againstSplit, labels, signal, onProgress }),
    );
  const partOf = ({ length, fingerprint }: TextSource, path: string) => ({ path, length, fingerprint });
  return {
    kind: 'texts',
    outliers: {
      source: mine.length === 1 ? mine[0]! : concatTexts(mine),
      parts: mine.map((source, i) => partOf(source, outliers[i]!)),
    },
    against: others.map((source, i) => ({ source, parts: [partOf(source, against[i]!)] })),
  };
}
