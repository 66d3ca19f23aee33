/** What goes of a set, and why. */
import {
  contentFingerprint,
  type DuplicatePair,
  findDuplicateImages,
  findDuplicateTexts,
  IMAGE_DISTANCE,
  IMAGE_SIMILARITY,
  type RemovalReason,
  SELECTION_FORMAT,
  type Selection,
  TEXT_SIMILARITY,
  type UnreadableExample,
} from '../../data/duplicates/index.ts';
import type { ImageSource, TextSource } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { ClassRemoval } from './classes.ts';
import type { Comparison, EmbeddedSearch } from './embedded.ts';
import type { DedupSets } from './open.ts';

export interface Cleaning {
  kind: 'images' | 'texts';
  name: string;
  /** How many examples there were, and how many stay. */
  count: number;
  kept: number;
  /** How many go, by reason. */
  removed: Partial<Record<RemovalReason, number>>;
  classes: ClassRemoval[];
  pairs: DuplicatePair[];
  unreadable: UnreadableExample[];
  /** Pictures of one grey, which are compared for equality alone. */
  flat: number;
  /** How a model compared the others; missing without one. */
  embedding?: Comparison;
  against: { name: string; count: number; removed: number }[];
}

export interface CleanOptions {
  within: 'keep' | 'remove';
  distance?: number | undefined;
  similarity?: number | undefined;
  /** Compares what is left by a model's features. */
  embedded?: EmbeddedSearch | undefined;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/**
 * Compares the sets.
 *
 * @returns what was found, and the cleaned set as its file has it
 * @throws OutlierExposureError `invalid-argument` when nothing stays
 */
export async function clean(
  { kind, outliers, against }: DedupSets,
  classes: readonly ClassRemoval[],
  { within, distance, similarity, embedded, signal, onProgress }: CleanOptions,
): Promise<{ cleaning: Cleaning; selection: Omit<Selection, 'reading'> }> {
  const { source } = outliers;
  const gone = new Set(classes.map(({ index }) => index));
  const ofClass = (index: number) => source.labels !== undefined && gone.has(source.labels[index]!);
  const how = {
    within,
    skip: ofClass,
    signal,
    onProgress,
    ...(similarity !== undefined && { similarity }),
  };
  const others = against.map((other) => other.source);
  const found =
    kind === 'images'
      ? await findDuplicateImages(source as ImageSource, others as ImageSource[], {
          ...how,
          ...(distance !== undefined && { distance }),
        })
      : await findDuplicateTexts(source as TextSource, others as TextSource[], how);
  const further = await embedded?.({
    cleaned: goneOf(found, source.length, ofClass),
    against: others.map(({ length }, set) =>
      goneOf({ pairs: [], unreadable: found.unreadable, set }, length),
    ),
  });
  const pairs = [...found.pairs, ...(further?.pairs ?? [])].sort((a, b) => a.index - b.index);
  const removed: Selection['removed'] = {};
  const add = (reason: RemovalReason, index: number) => {
    removed[reason] ??= [];
    removed[reason].push(index);
  };
  if (gone.size > 0)
    for (let index = 0; index < source.length; index++) if (ofClass(index)) add('class', index);
  for (const { index, set, sameness } of pairs) add(set === 'within' ? 'repeated' : sameness, index);
  for (const { set, index } of found.unreadable) if (set === 'cleaned') add('unreadable', index);
  const counts = Object.fromEntries(Object.entries(removed).map(([reason, list]) => [reason, list.length]));
  const kept = source.length - Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (kept === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Nothing is left of "${source.name}": ${Object.entries(counts)
        .map(([reason, count]) => `${count} ${REASON_WORDS[reason as RemovalReason]}`)
        .join(', ')}; choose other outliers, or a stricter --similarity${further ? ' or --alike' : ''}.`,
    );
  }
  const settings: Selection['settings'] = {
    within,
    similarity: similarity ?? (kind === 'images' ? IMAGE_SIMILARITY : TEXT_SIMILARITY),
    ...(kind === 'images' && { distance: distance ?? IMAGE_DISTANCE }),
    ...(further && {
      model: further.comparison.sha256,
      features: further.comparison.features,
      alike: further.comparison.alike,
    }),
    ...(classes.length > 0 && { classes: classes.map(({ name }) => name) }),
  };
  return {
    cleaning: {
      kind,
      name: source.name,
      count: source.length,
      kept,
      removed: counts,
      classes: [...classes],
      ...found,
      pairs,
      ...(further && { embedding: further.comparison }),
      against: others.map(({ name, length }, set) => ({
        name,
        count: length,
        removed: pairs.filter((pair) => pair.set === set).length,
      })),
    },
    selection: {
      format: SELECTION_FORMAT,
      version: 1,
      kind,
      sets: outliers.parts.map((part) => ({ ...part, fingerprint: contentFingerprint(part.fingerprint) })),
      removed,
      against: others.map(({ name, length, fingerprint }) => ({ name, length, fingerprint })),
      settings,
    },
  };
}

/** Marks examples that need not be looked at again, or cannot: 1 for each. */
function goneOf(
  {
    pairs,
    unreadable,
    set = 'cleaned',
  }: Pick<Cleaning, 'pairs' | 'unreadable'> & { set?: number | 'cleaned' },
  length: number,
  also: (index: number) => boolean = () => false,
): Uint8Array {
  const gone = Uint8Array.from({ length }, (_, index) => (also(index) ? 1 : 0));
  for (const { index } of pairs) gone[index] = 1;
  for (const one of unreadable) if (one.set === set) gone[one.index] = 1;
  return gone;
}

/** Reasons after a number. */
export const REASON_WORDS: Record<RemovalReason, string> = {
  class: 'of classes that go',
  exact: 'exactly in another set',
  near: 'nearly in another set',
  embedding: 'alike in another set, to the model',
  repeated: 'repeated in the set',
  unreadable: 'unreadable',
};
