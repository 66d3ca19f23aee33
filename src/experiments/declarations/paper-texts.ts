/** 20 Newsgroups, TREC and SST: a GRU, exposed to sentences of Wikipedia (paper, section 4.4 and Table 2). */
import { loadTextSets } from '../data/texts.ts';
import type { TextDeclaration } from '../declaration.ts';
import { publishedNewsgroups, publishedSst, publishedTrec } from '../published/index.ts';
import { textTraining } from './text-training.ts';

const outliers = ['wikitext-2', 'wikitext-103', 'gutenberg'] as const;
const tests = [
  'snli',
  'imdb',
  'multi30k',
  'wmt16',
  'yelp',
  'ewt-answers',
  'ewt-email',
  'ewt-newsgroup',
  'ewt-reviews',
  'ewt-weblog',
] as const;

const common = {
  examples: 'texts',
  network: 'gru',
  trainPart: 'drawn',
  training: textTraining,
  n: 90,
  outRatio: 0.2,
  outlierNames: outliers,
} as const;

const quick = { epochs: { baseline: 3, 'oe-tune': 1, 'oe-scratch': 3 } };

export const newsgroups: TextDeclaration = {
  ...common,
  name: '20newsgroups',
  description: 'messages of 20 newsgroups, a GRU',
  title: '20 Newsgroups, exposed to outliers',
  subject: { one: 'newsgroup message', many: 'newsgroup messages' },
  text: { vocabulary: 10_000, lowerCase: true, maxTokens: 100 },
  classes: 20,
  quick: { ...quick, trainSize: 4000 },
  published: () => publishedNewsgroups,
  loadTexts: (request) => loadTextSets({ inliers: '20newsgroups', outliers, tests }, request),
};

export const trec: TextDeclaration = {
  ...common,
  name: 'trec',
  description: 'questions by the kind of their answer, a GRU',
  title: 'TREC questions, exposed to outliers',
  subject: { one: 'question', many: 'questions' },
  text: { vocabulary: 10_000, lowerCase: true },
  classes: 50,
  quick: { ...quick, trainSize: 3000 },
  published: () => publishedTrec,
  loadTexts: (request) => loadTextSets({ inliers: 'trec', outliers, tests }, request),
};

export const sst: TextDeclaration = {
  ...common,
  name: 'sst',
  description: 'sentences of film reviews that praise or damn, a GRU',
  title: 'Stanford Sentiment Treebank, exposed to outliers',
  subject: { one: 'film review sentence', many: 'film review sentences' },
  // The paper's code keeps the case of these words; outliers keep theirs here, lest their case give them away.
  text: { vocabulary: 10_000, lowerCase: false },
  classes: 2,
  quick: { ...quick, trainSize: 3000 },
  published: () => publishedSst,
  loadTexts: (request) => loadTextSets({ inliers: 'sst', outliers, tests }, request),
};
