/** The sets of the experiment whose texts all come with the install. Node only. */
import type { TextSource } from '../../data/index.ts';
import { openText } from '../../data/node/text/index.ts';
import {
  loadDefinitions,
  loadLicences,
  loadProgramCode,
  loadReviews,
} from '../../data/node/text-packages/index.ts';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { Inliers, OutlierSets, TextRequest } from '../declaration.ts';
import { stage } from '../progress.ts';
import { madeTexts } from './made.ts';

/** The sets that can serve as D_out^OE with nothing but the install. */
export const PACKAGED_OUTLIERS = [
  'examples',
  'verbs',
  'adjectives',
  'films',
  'restaurants',
  'products',
  'licences',
  'program-code',
] as const;

export async function loadPackagedTexts(
  request: TextRequest,
): Promise<{ inliers: Inliers<TextSource>; outliers: OutlierSets<TextSource> }> {
  const { files, exposure, training, onProgress } = request;
  if (files.train || files.test) {
    throw new OutlierExposureError(
      'invalid-argument',
      'The definitions of the experiment text come with the install; --in and --test are for the other experiments, or use `oe train` for data of your own.',
    );
  }
  const { train, test, ...ofWordNet } = await stage(onProgress, 'Read WordNet', loadDefinitions);
  const sets = await stage(onProgress, 'Read reviews, licences and programs', async () => [
    ofWordNet.examples,
    ofWordNet.verbs,
    ofWordNet.adjectives,
    await loadReviews('films'),
    await loadReviews('restaurants'),
    await loadReviews('products'),
    await loadLicences(),
    await loadProgramCode(),
  ]);
  const shown =
    exposure === 'wanted'
      ? ((await madeTexts(request, train)) ?? (await chosenOutliers(sets, request)))
      : undefined;
  // The examples are what it is exposed to unless another set is chosen; they test nothing then, as fewer are strangers.
  const testSets = sets.filter(({ name }) => name !== 'examples' && name !== shown?.name);
  for (const [name, path] of Object.entries(files.ood ?? {}))
    testSets.push(await openOwn(name, path, request));
  return {
    inliers: { ...(training === 'wanted' && { train }), test },
    outliers: { ...(shown && { train: shown }), testSets, validationSets: [], notes: [] },
  };
}

async function chosenOutliers(sets: readonly TextSource[], request: TextRequest): Promise<TextSource> {
  const { outliers: chosen = 'examples' } = request;
  const found = sets.find(({ name }) => name === chosen);
  if (found) return found;
  const [, name, path] = /^([\w.-]+)=(.+)$/.exec(chosen) ?? [];
  if (name !== undefined && path !== undefined) return openOwn(name, path, request);
  if (/[./\\]/.test(chosen)) return openOwn('own-outliers', chosen, request);
  const near = nearestName(chosen, PACKAGED_OUTLIERS);
  throw new OutlierExposureError(
    'invalid-argument',
    `There is no outlier set "${chosen}"${near ? `; did you mean "${near}"?` : '.'} Known: ${PACKAGED_OUTLIERS.join(', ')}; or give a file of texts.`,
  );
}

function openOwn(name: string, path: string, { signal, onProgress }: TextRequest): Promise<TextSource> {
  return stage(onProgress, `Read ${name}`, () =>
    openText(path, { name, labels: 'none', ...(signal && { signal }) }),
  );
}
