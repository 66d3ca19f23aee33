/** The data of an experiment with texts: sets, the vocabulary, numbers. Node only. */
import {
  buildVocabulary,
  createTokenizer,
  type EncodedText,
  encodeTexts,
  PAD_ID,
  selectTexts,
  type TextSource,
  type Tokenizer,
  tokenizerOf,
  whitespaceTokenizer,
  withTokenizer,
} from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { gruClassifier } from '../nn/index.ts';
import { Random } from '../random.ts';
import { withoutExcluded } from './data/exclude.ts';
import { withoutResembling } from './data/made.ts';
import { validationTexts } from './data/validation-texts.ts';
import type { Inliers, OutlierSets, SetRequest, TextDeclaration } from './declaration.ts';
import type { LoadedData } from './loaded-data.ts';
import type { ExperimentOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { stage } from './progress.ts';
import { classesOf } from './sets.ts';
import { type TrainedElsewhere, trainedOnTexts } from './start.ts';
import { setsByRole } from './summarize.ts';
import { textSheet } from './text-sheet.ts';

/** How many texts of each set the contact sheets show. */
const SHEET = 6;

export async function loadTexts(
  declaration: TextDeclaration,
  options: ExperimentOptions,
  plan: Plan,
  request: SetRequest,
): Promise<LoadedData> {
  const { seed = 1, from, exclude, normalization, signal, onProgress } = options;
  if (normalization !== undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `--mean and --std are for images, but the experiment ${declaration.name} is one with texts: leave that out.`,
    );
  }
  const { lowerCase, maxTokens, vocabulary: size } = declaration.text;
  // Before the data are read, which takes longer.
  const elsewhere = from === undefined ? undefined : await trainedOnTexts(from);
  const { inliers, outliers: loaded } = await declaration.loadTexts({
    ...request,
    outliers: options.outliers,
    exposure: plan.names.length > 1 ? 'wanted' : 'not wanted',
    maxTokens,
  });
  if (loaded.train && exclude !== undefined) {
    const { kept, note } = await withoutExcluded(loaded.train, exclude, declaration.name);
    loaded.train = kept;
    loaded.notes.push(note);
  }
  if (inliers.train && plan.trainSize !== undefined)
    inliers.train = part(inliers.train, plan.trainSize, declaration.trainPart === 'drawn' ? seed : undefined);
  const tokenizer = await stage(onProgress, 'Build the vocabulary', async () =>
    elsewhere ? tokenizerIn(elsewhere, from!) : makeTokenizer(inliers.train!, { size, lowerCase, maxTokens }),
  );
  loaded.validationSets.push(...validationTexts(inliers.test, tokenizer, seed));
  const outliers = withoutResembling(loaded, 'texts');
  const counted = request.files.train ? classesOf(inliers) : declaration.classes;
  const classes = (inliers.train ?? inliers.test).classNames?.length ?? counted;
  checkSeveral(inliers, classes);
  if (elsewhere) checkClasses(elsewhere, classes, from!);
  const encode = (source: TextSource) => encodeTexts(source, tokenizer, { ...(signal && { signal }) });
  const encoded = await stage(onProgress, 'Turn words into numbers', async () =>
    encodeSets(inliers, outliers, encode),
  );
  for (const set of [encoded.inliers.train, encoded.inliers.test]) if (set) checkKnown(set);
  return {
    ...encoded,
    newModel: (modelSeed) =>
      withTokenizer(
        gruClassifier({
          seed: modelSeed,
          vocabulary: tokenizer.vocabulary.size,
          classes,
          padding: PAD_ID,
        }),
        tokenizer,
      ),
    elsewhere,
    config: {
      vocabulary: tokenizer.vocabulary.size,
      lowerCase: tokenizer.words.lowerCase ? 'yes' : 'no',
      ...(tokenizer.maxTokens !== undefined && { maxTokens: tokenizer.maxTokens }),
      padding: tokenizer.pad,
    },
    sheets: async () =>
      setsByRole(inliers, outliers).map(({ role, source }) =>
        textSheet(source, role, tokenizer, { count: SHEET, seed }),
      ),
    close: async () => {},
  };
}

function encodeSets(
  inliers: Inliers<TextSource>,
  { train, testSets, validationSets, notes }: OutlierSets<TextSource>,
  encode: (source: TextSource) => EncodedText,
): { inliers: Inliers<EncodedText>; outliers: OutlierSets<EncodedText> } {
  return {
    inliers: { ...(inliers.train && { train: encode(inliers.train) }), test: encode(inliers.test) },
    outliers: {
      ...(train && { train: encode(train) }),
      testSets: testSets.map(encode),
      validationSets: validationSets.map(encode),
      notes,
    },
  };
}

/** The first texts, or some that the seed draws. */
function part(source: TextSource, count: number, seed: number | undefined): TextSource {
  if (count >= source.length) return source;
  if (seed === undefined)
    return selectTexts(
      source,
      Uint32Array.from({ length: count }, (_, i) => i),
    );
  return selectTexts(
    source,
    Random.from(seed, 'part of the texts').permutation(source.length).subarray(0, count),
  );
}

function makeTokenizer(
  train: TextSource,
  { size, lowerCase, maxTokens }: { size: number; lowerCase: boolean; maxTokens: number | undefined },
): Tokenizer {
  const words = whitespaceTokenizer({ lowerCase });
  const limit = maxTokens === undefined ? {} : { maxTokens };
  const vocabulary = buildVocabulary(train, { size, words, ...limit });
  return createTokenizer({ vocabulary, words, ...limit });
}

function tokenizerIn({ model }: TrainedElsewhere, path: string): Tokenizer {
  const tokenizer = tokenizerOf(model);
  if (tokenizer) return tokenizer;
  throw new OutlierExposureError(
    'invalid-argument',
    `${path} does not say what its numbers mean: a classifier of texts has its vocabulary inside, as those that \`oe train\` and \`oe reproduce\` write.`,
  );
}

function checkSeveral({ train, test }: Inliers<TextSource>, classes: number): void {
  const { name, labels } = train ?? test;
  if (classes >= 2 && labels?.some((label) => label !== labels[0])) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `All texts of "${name}" have the same label, but a classifier tells at least 2 classes apart: check the labels.`,
  );
}

/** Of outliers it would be no mistake: a strange language is a fair one. */
function checkKnown({ name, ids, unknown }: EncodedText): void {
  if (unknown < ids.length) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The vocabulary has none of the ${ids.length} words of "${name}": check that the texts are of one language, and that words stand apart in the same way.`,
  );
}

function checkClasses({ model }: TrainedElsewhere, classes: number, path: string): void {
  const found = [...model.graph.outputs.values()][0]?.shape?.[1];
  if (typeof found !== 'number' || found === classes) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The model of ${path} has ${found} classes, but the experiment has ${classes}: choose a model that was made for it.`,
  );
}
