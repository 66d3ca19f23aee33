/**
 * The sets of texts that experiments use, by the names that they have in results: how their files are called in a
 * folder of the user's, under which name the catalogue has them, and how they are read.
 */
import type { OpenTextOptions } from '../../data/node/text/index.ts';
import type { Part } from './known-sets.ts';

type Reading = Pick<OpenTextOptions, 'format' | 'split' | 'labels' | 'encoding' | 'only'>;

/** A place where a set's texts may lie. */
export interface TextPlace {
  /** Paths in a folder, of which the first that is there is taken; the end of a name (.tsv, .txt.gz) may follow. */
  paths: readonly string[];
  read?: Reading;
}

export interface KnownText {
  /** In results and on the command line. */
  name: string;
  /** What else it may be called on the command line. */
  aliases?: readonly string[];
  places: Partial<Record<Part, readonly TextPlace[]>>;
  /** Its name in the catalogue of data sets, and how the folder that was fetched is read. */
  catalogue?: { name: string } & Partial<Record<Part, Reading>>;
}

const unlabelled = { labels: 'none' } as const;

function wikiText(name: string, aliases: readonly string[]): KnownText {
  // The training part, as in the paper; the others are better than nothing.
  const paths = ['train', 'valid', 'test'].flatMap((split) => [
    `${name}-${split}`,
    ...aliases.map((alias) => `${alias}-${split}`),
    `${name}/wiki.${split}.tokens`,
  ]);
  const read = { format: 'wikitext', labels: 'none' } as const;
  return {
    name,
    aliases,
    places: {
      train: [
        { paths, read },
        // As the paper's code leaves them: a sentence a line.
        {
          paths: aliases.flatMap((alias) => [
            `wikitext_reformatted/${alias}_sentences`,
            `${alias}_sentences`,
          ]),
          read: unlabelled,
        },
        { paths: [name, ...aliases], read },
      ],
    },
    catalogue: { name, train: { ...read, split: 'train' } },
  };
}

function webTreebank(part: string): KnownText {
  const treebank = ['eng_web_tbk', 'english_web_treebank', 'LDC2012T13'];
  return {
    name: `ewt-${part}`,
    places: {
      test: [
        { paths: [`ewt-${part}`, `ewt_${part}`], read: unlabelled },
        // As the paper's code has it, made from the treebank by Stanford's converter.
        {
          paths: treebank.map((root) => `${root}/${part}/conll/${part}_penntrees.dev.conll`),
          read: { ...unlabelled, format: 'conll' },
        },
        // As LDC publishes it: a folder of files, whose lines are numbered.
        {
          paths: treebank.flatMap((root) =>
            ['/data', ''].map((data) => `${root}${data}/${part}/source/source_text_ascii_tokenized`),
          ),
          read: { ...unlabelled, format: 'segments' },
        },
        // As Universal Dependencies has it: all genres in one file.
        {
          paths: ['dev', 'test', 'train'].flatMap((split) => [
            `en_ewt-ud-${split}`,
            `UD_English-EWT/en_ewt-ud-${split}`,
          ]),
          read: { ...unlabelled, format: 'conll', only: part },
        },
      ],
    },
  };
}

export const KNOWN_TEXTS: readonly KnownText[] = [
  {
    name: '20newsgroups',
    aliases: ['20ng', '20-newsgroups'],
    places: {
      train: [
        { paths: ['20ng-train', '20newsgroups-train', '20ng-train-no-short'] },
        // The paper's code has it as CSV.
        { paths: ['20newsgroups/20ng-train'], read: { format: 'csv' } },
        { paths: ['20news-bydate', '20news-bydate-train'], read: { split: 'train', encoding: 'latin1' } },
      ],
      test: [
        { paths: ['20ng-test', '20newsgroups-test', '20ng-test-no-short'] },
        { paths: ['20newsgroups/20ng-test'], read: { format: 'csv' } },
        { paths: ['20news-bydate', '20news-bydate-test'], read: { split: 'test', encoding: 'latin1' } },
      ],
    },
    catalogue: {
      name: '20-newsgroups',
      train: { split: 'train', encoding: 'latin1' },
      test: { split: 'test', encoding: 'latin1' },
    },
  },
  {
    name: 'trec',
    places: {
      train: [{ paths: ['trec-train', 'train_5500.label', 'trec/train_5500.label'] }],
      test: [{ paths: ['trec-test', 'TREC_10.label', 'trec/TREC_10.label'] }],
    },
    catalogue: { name: 'trec', train: { split: 'train' }, test: { split: 'test' } },
  },
  {
    name: 'sst',
    places: {
      train: [
        { paths: ['sst-tree-train', 'sst-train', 'trees/train'], read: { labels: 'binary' } },
        { paths: ['trees', 'sst/trees', 'sst'], read: { labels: 'binary', split: 'train' } },
      ],
      test: [
        { paths: ['sst-tree-test', 'sst-test', 'trees/test'], read: { labels: 'binary' } },
        { paths: ['trees', 'sst/trees', 'sst'], read: { labels: 'binary', split: 'test' } },
      ],
    },
    catalogue: {
      name: 'sst',
      train: { labels: 'binary', split: 'train' },
      test: { labels: 'binary', split: 'test' },
    },
  },
  wikiText('wikitext-2', ['wikitext2']),
  wikiText('wikitext-103', ['wikitext103']),
  {
    name: 'gutenberg',
    places: {
      train: [{ paths: ['gutenberg-train', 'gutenberg/gutenberg_sentences', 'gutenberg'], read: unlabelled }],
    },
  },
  {
    name: 'snli',
    places: {
      test: [
        {
          paths: [
            'snli-test',
            'snli_1.0_test',
            'snli_1.0/snli_1.0_test',
            'snli/snli_1.0/snli_1.0_test',
            'snli',
          ],
          read: unlabelled,
        },
      ],
    },
    catalogue: { name: 'snli', test: { ...unlabelled, split: 'test' } },
  },
  {
    name: 'imdb',
    places: {
      test: [
        { paths: ['imdb-test-4000', 'imdb-test'], read: unlabelled },
        { paths: ['aclImdb', 'imdb/aclImdb', 'imdb'], read: { ...unlabelled, split: 'test' } },
        { paths: ['IMDB Dataset', 'IMDB-Dataset'], read: { ...unlabelled, format: 'csv' } },
      ],
    },
    catalogue: { name: 'imdb', test: { ...unlabelled, split: 'test' } },
  },
  {
    name: 'multi30k',
    places: {
      test: [
        // A column of its own, with quotes around sentences that have commas.
        { paths: ['multi30k-train', 'multi30k/train'], read: { format: 'csv', labels: 'none' } },
        { paths: ['multi30k-val', 'train.en', 'multi30k'], read: unlabelled },
      ],
    },
    catalogue: { name: 'multi30k', test: { ...unlabelled, split: 'train' } },
  },
  {
    name: 'wmt16',
    // Its lines are texts, whatever commas they have.
    places: {
      test: [
        { paths: ['wmt16/wmt16_sentences', 'wmt16_sentences'], read: { format: 'lines' } },
        {
          paths: ['', 'wmt16/', 'test/'].map((folder) => `${folder}newstest2016-deen-ref.en.sgm`),
          read: { format: 'segments' },
        },
        { paths: ['wmt16'], read: { format: 'lines' } },
      ],
    },
  },
  {
    name: 'yelp',
    places: {
      test: [
        {
          paths: ['yelp-test', 'yelp_review_full_csv/test', 'yelp_review_polarity_csv/test', 'yelp'],
          read: unlabelled,
        },
      ],
    },
    catalogue: { name: 'yelp', test: { ...unlabelled, split: 'test' } },
  },
  ...['answers', 'email', 'newsgroup', 'reviews', 'weblog'].map(webTreebank),
];

/** The set of that name, or one that may be called so. */
export function knownText(name: string): KnownText | undefined {
  return KNOWN_TEXTS.find((set) => set.name === name || set.aliases?.includes(name));
}
