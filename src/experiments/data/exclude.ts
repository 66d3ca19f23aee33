/** What is left out of D_out^OE: examples, or classes that D_in or a test set has too, since the sets have to be disjoint. Node only. */
import { checkUnchanged, keptIn, lengthOf, type Selection } from '../../data/duplicates/selection.ts';
import { type ImageSource, selectTexts, type TextSource } from '../../data/index.ts';
import { readExclusion } from '../../data/node/duplicates/selection-file.ts';
import { subset } from '../../data/subset.ts';
import { OutlierExposureError } from '../../errors.ts';

/**
 * The outliers without what a file excludes, and a note about it.
 *
 * @param path a cleaned set as `oe data dedup` writes it, or a list of classes
 * @param inliers the in-distribution set, by whose name a list of classes may stand in the file
 * @throws OutlierExposureError `invalid-file` for another file, `invalid-argument` when it is of another set or leaves
 *   nothing
 */
export async function withoutExcluded<Source extends ImageSource | TextSource>(
  source: Source,
  path: string,
  inliers: string,
): Promise<{ kept: Source; note: string }> {
  const exclusion = await readExclusion(path, inliers);
  const all = source.length;
  if (exclusion.what === 'examples') {
    const kept = withoutExamples(source, exclusion.selection, path);
    return {
      kept,
      note: `Of the outliers shown (${source.name}), ${all - kept.length} of ${all} were left out, as ${path} says: other sets have them too.`,
    };
  }
  const { classes } = exclusion;
  const kept = withoutClasses(source, classes, path);
  return {
    kept,
    note: `Of the outliers shown (${source.name}), ${all - kept.length} of ${all} were left out: they are of ${classes.length} classes that ${path} excludes.`,
  };
}

/** The examples that a cleaned set keeps. */
export function withoutExamples<Source extends ImageSource | TextSource>(
  source: Source,
  selection: Selection,
  path: string,
): Source {
  if (selection.sets.length === 1) checkUnchanged(selection, [source], { name: path });
  else if (lengthOf(selection) !== source.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} is of a set of ${lengthOf(selection)} examples, but the outliers "${source.name}" are ${source.length}: give the file that was made for them.`,
    );
  }
  return part(source, keptIn(selection, { name: path }));
}

/** The examples of the other classes. */
export function withoutClasses<Source extends ImageSource | TextSource>(
  source: Source,
  classes: readonly number[],
  path: string,
): Source {
  const { labels } = source;
  if (!labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The outliers "${source.name}" have no labels, so that the classes of ${path} cannot be found in them: lay their labels beside them (X-images.npy, X-labels.npy), or leave --exclude out.`,
    );
  }
  const excluded = new Set(classes);
  const kept = Uint32Array.from([...labels.keys()].filter((i) => !excluded.has(labels[i]!)));
  if (kept.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} excludes all classes of the outliers "${source.name}": nothing is left to expose the model to.`,
    );
  }
  return kept.length === labels.length ? source : part(source, kept);
}

function part<Source extends ImageSource | TextSource>(source: Source, indices: Uint32Array): Source {
  return ('shape' in source ? subset(source, indices) : selectTexts(source, indices)) as Source;
}
