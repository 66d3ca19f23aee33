/** Kinds of things: definitions of nouns, exposed to sentences of all sorts; all texts come with the install. */
import { loadPackagedTexts, PACKAGED_OUTLIERS } from '../data/packaged-texts.ts';
import type { TextDeclaration } from '../declaration.ts';
import { unpublished } from '../published/index.ts';
import { textTraining } from './text-training.ts';

export const text: TextDeclaration = {
  name: 'text',
  description: 'definitions in ten kinds, the paper’s GRU; all data come with the install',
  title: 'Definitions, exposed to sentences',
  subject: { one: 'definition', many: 'definitions' },
  examples: 'texts',
  text: { vocabulary: 10_000, lowerCase: true },
  classes: 10,
  network: 'gru',
  trainPart: 'first',
  training: textTraining,
  quick: { trainSize: 5000, epochs: { baseline: 3, 'oe-tune': 1, 'oe-scratch': 3 } },
  n: 90,
  outRatio: 0.2,
  published: unpublished(90),
  outlierNames: PACKAGED_OUTLIERS,
  loadTexts: loadPackagedTexts,
};
