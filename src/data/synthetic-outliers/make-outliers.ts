/** Outliers made of the in-distribution set, where there are no real ones. */
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { ImageSource } from '../source.ts';
import type { TextSource } from '../text/source.ts';
import { IMAGE_KINDS, type ImageKindName } from './image-kinds.ts';
import { imageOutliers } from './image-outliers.ts';
import { TEXT_KINDS, type TextKindName } from './text-kinds.ts';
import { type Texts, textOutliers } from './text-outliers.ts';

/** What names of made outliers begin with, where sets are named: `made:jigsaw`. */
export const MADE_PREFIX = 'made:';

/** What a set of a generator's images is called; it resembles none of the validation outliers. */
export const GENERATED_SET = `${MADE_PREFIX}gan`;

/** All kinds together, which take turns. */
const ALL = 'all';

export interface MakeOptions {
  /** Decides all that is random. Default 1. */
  seed?: number;
  /** Where the words of the kind `words` come from. Default: the in-distribution texts. Of no use for images. */
  corpus?: Texts | undefined;
}

/** The names of the kinds that can be made of images, or of texts. */
export function madeKinds(of: 'images' | 'texts'): string[] {
  return Object.keys(of === 'images' ? IMAGE_KINDS : TEXT_KINDS);
}

/** What a kind makes, in a few words. */
export function describeMade(of: 'images' | 'texts', kind: string): string {
  const kinds: Record<string, { description: string }> = of === 'images' ? IMAGE_KINDS : TEXT_KINDS;
  return kinds[kind]!.description;
}

/** Whether a set is named as made: `made:` and a kind. */
export function isMade(name: string): boolean {
  return name.startsWith(MADE_PREFIX);
}

/**
 * Makes outliers from in-distribution examples: changed so far that the class is gone. A stopgap: Outlier Exposure with
 * made outliers helps against what resembles them, and real outliers help against much more (Hendrycks et al. 2019,
 * section 5, on noised D_in).
 *
 * @param source D_in, of training; labelled, so that pairs are of different classes
 * @param kind such as `jigsaw`; several joined by `+`, which take turns, or `all`; with or without `made:` before it
 * @returns a set as long as the source
 * @throws OutlierExposureError `not-found` for a kind that there is not; `invalid-argument` for an empty set, or one that
 *   the kind cannot be made of
 */
export function makeOutliers(source: ImageSource, kind: string, options?: MakeOptions): ImageSource;
export function makeOutliers(source: Texts, kind: string, options?: MakeOptions): TextSource;
export function makeOutliers(
  source: ImageSource | Texts,
  kind: string,
  { seed = 1, corpus }: MakeOptions = {},
): ImageSource | TextSource {
  if (source.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" is empty: there is nothing to make outliers of.`,
    );
  }
  const plain = isMade(kind) ? kind.slice(MADE_PREFIX.length) : kind;
  const ofTexts = 'text' in source;
  const kinds = kindsNamed(plain, ofTexts ? 'texts' : 'images');
  const name = `${MADE_PREFIX}${plain}`;
  return ofTexts
    ? textOutliers(source, kinds as TextKindName[], { name, seed, corpus })
    : imageOutliers(source, kinds as ImageKindName[], { name, seed });
}

/**
 * The validation outliers that resemble a made set, by their names; none for sets that are not made.
 *
 * @param name as `makeOutliers` takes kinds, with `made:` before it
 */
export function resemblesOf(name: string, of: 'images' | 'texts'): string[] {
  if (!isMade(name) || name === GENERATED_SET) return [];
  const kinds: Record<string, { resembles: readonly string[] }> = of === 'images' ? IMAGE_KINDS : TEXT_KINDS;
  const named = kindsNamed(name.slice(MADE_PREFIX.length).replace(/=.*$/s, ''), of);
  return [...new Set(named.flatMap((kind) => [...kinds[kind]!.resembles]))];
}

function kindsNamed(text: string, of: 'images' | 'texts'): string[] {
  const known = madeKinds(of);
  if (text === ALL) return known;
  const names = text.split('+');
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearestName(name, [...known, ALL]);
    throw new OutlierExposureError(
      'not-found',
      `No outliers of the kind "${name}" can be made of ${of}${near ? `; did you mean "${near}"?` : '.'} Known: ${[...known, ALL].join(', ')}; several may be joined by "+".`,
    );
  }
  return names;
}
