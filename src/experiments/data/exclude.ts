/** Classes of D_out^OE that D_in or a test set has too: they are left out, since the sets have to be disjoint. Node only. */
import { z } from 'zod';
import type { ImageSource } from '../../data/index.ts';
import { subset } from '../../data/subset.ts';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';

const indices = z.array(z.number().int().nonnegative());
const list = z.union([
  indices,
  z.object({ exclude_index: indices }).transform(({ exclude_index }) => exclude_index),
]);
const schema = z.union([list, z.record(z.string(), list)]);
const MAX_BYTES = 2 ** 22;

/**
 * Reads which classes are to be left out: a JSON list of class numbers, `{"exclude_index": […]}`, or either of them by
 * the name of the in-distribution set.
 *
 * @throws OutlierExposureError `invalid-file` for anything else
 */
export async function readExcluded(path: string, inliers: string): Promise<number[]> {
  const bytes = await readFileBounded(path, { what: 'list of classes (JSON)', maxBytes: MAX_BYTES });
  const fail = (detail: string, cause?: unknown): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} does not list classes: ${detail}; expected a JSON list of class numbers, or {"${inliers}": [numbers]}.`,
      { cause },
    );
  };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return fail('it is no JSON', error);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return fail('its content is something else');
  if (Array.isArray(parsed.data)) return parsed.data;
  if (!Object.hasOwn(parsed.data, inliers)) return fail(`it has no entry "${inliers}"`);
  return parsed.data[inliers]!;
}

/** The images of the other classes. */
export function withoutClasses(source: ImageSource, classes: readonly number[], path: string): ImageSource {
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
  return kept.length === labels.length ? source : subset(source, kept);
}
