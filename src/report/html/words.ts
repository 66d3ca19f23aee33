/** How the report names things, for people who never read the paper. Unknown names are shown as they are. */
import type { ExperimentResults } from '../../experiments/results.ts';

const MODELS: Record<string, string> = {
  baseline: 'Baseline',
  'oe-tune': '+\u00a0OE',
  'oe-scratch': 'OE from scratch',
  branch: 'Branch',
  'branch-oe': 'Branch +\u00a0OE',
  gan: '+\u00a0GAN',
  'gan-oe': '+\u00a0GAN +\u00a0OE',
};

const SETS: Record<string, [title: string, description: string]> = {
  gaussian: ['Gaussian noise', 'each pixel random, mostly black, white or near it'],
  bernoulli: ['Bernoulli noise', 'each pixel black or white by the toss of a coin'],
  rademacher: ['Rademacher noise', 'each value one extreme or the other by the toss of a coin'],
  uniform: ['Uniform noise', 'each pixel any grey, all as likely'],
  blobs: ['Blobs', 'random shapes with soft insides and sharp edges'],
  negative: ['Negatives', 'the test pictures with dark and light exchanged'],
  glyphs: ['Glyphs', 'the letters A to J in many fonts'],
  icons: ['Icons', 'emoji, small and grey'],
  'fashion-mnist': ['Fashion-MNIST', 'pictures of clothes, shoes and bags'],
  cifar10: ['CIFAR-10', 'small photographs of animals and vehicles'],
  cifar100: ['CIFAR-100', 'small photographs of a hundred kinds of things'],
  svhn: ['SVHN', 'house numbers, photographed from the street'],
  textures: ['Textures', 'close-ups of surfaces: banded, bubbly, woven'],
  places365: ['Places365', 'photographs of places, indoors and out'],
  places69: ['Places69', 'places of kinds that Places365 leaves out'],
  lsun: ['LSUN', 'photographs of rooms and outdoor scenes'],
  scenes: ['Scenes', 'photographs of landscapes and streets'],
  imagenet: ['ImageNet', 'photographs of kinds of things that it was not taught'],
  'icons-50': ['Icons-50', 'icons and emoji of many makers'],
  chars74k: ['Chars74K', 'letters and digits, cut from photographs'],
  'tiny-images': ['80 Million Tiny Images', 'small pictures of all kinds from the web'],
  'tiny-images-300k': ['300K Tiny Images', 'small pictures of all kinds from the web'],
  'tiny-imagenet': ['Tiny ImageNet', 'photographs of 200 kinds of things'],
  'imagenet-22k': ['ImageNet-22K', 'photographs of very many kinds of things'],
  notmnist: ['notMNIST', 'the letters A to J in unusual fonts'],
  omniglot: ['Omniglot', 'hand-written characters of 50 alphabets'],
  'arithmetic-mean': ['Arithmetic mean', 'two pictures averaged'],
  'geometric-mean': ['Geometric mean', 'two pictures multiplied'],
  jigsaw: ['Jigsaw', 'a picture cut into tiles and shuffled'],
  speckle: ['Speckle', 'a picture with noise where it is bright'],
  pixelate: ['Pixelated', 'a picture shrunk and enlarged again'],
  mirrored: ['Mirrored', 'pictures turned left to right'],
  'mirrored-digits': ['Mirrored', 'digits turned upside down or left to right'],
  'rgb-ghost': ['RGB ghost', 'a picture whose colours have changed places'],
  inverted: ['Inverted', 'a picture with green and blue inverted'],
  trec: ['TREC', 'questions by the kind of their answer'],
  sst: ['SST', 'sentences of film reviews that praise or damn'],
  '20newsgroups': ['20 Newsgroups', 'messages of 20 newsgroups'],
  definitions: ['Definitions', 'what nouns of ten kinds mean'],
  examples: ['Example sentences', 'sentences and phrases that show how a word is used'],
  verbs: ['Verbs', 'definitions of verbs'],
  adjectives: ['Adjectives', 'definitions of adjectives'],
  films: ['Film reviews', 'sentences that praise or damn a film'],
  restaurants: ['Restaurant reviews', 'sentences that praise or damn a restaurant'],
  products: ['Product reviews', 'sentences that praise or damn something bought'],
  licences: ['Licences', 'sentences of software licences'],
  'program-code': ['Program code', 'lines of JavaScript'],
  'wikitext-2': ['WikiText-2', 'sentences of Wikipedia'],
  'wikitext-103': ['WikiText-103', 'sentences of Wikipedia'],
  gutenberg: ['Project Gutenberg', 'sentences of old books'],
  snli: ['SNLI', 'sentences that follow from a description of a picture, or do not'],
  imdb: ['IMDB', 'film reviews'],
  multi30k: ['Multi30K', 'descriptions of pictures'],
  wmt16: ['WMT16', 'news to be translated'],
  yelp: ['Yelp', 'reviews of restaurants and shops'],
  'ewt-answers': ['EWT, answers', 'questions and answers on the web'],
  'ewt-email': ['EWT, e-mail', 'sentences of e-mails'],
  'ewt-newsgroup': ['EWT, newsgroups', 'sentences of newsgroup messages'],
  'ewt-reviews': ['EWT, reviews', 'sentences of reviews on the web'],
  'ewt-weblog': ['EWT, weblogs', 'sentences of weblogs'],
  shuffled: ['Shuffled', 'a text with its words in random order'],
  'random-words': ['Random words', 'words that it knows, drawn at random'],
};

const SCORES: Record<string, [title: string, description: string]> = {
  msp: ['MSP', 'minus the highest class probability'],
  'uniform-ce': ['−H(U; p)', 'how near to uniform the class probabilities are'],
  own: [
    'own score',
    'each model by the score that it is made for: classifiers by MSP, confidence branches by 1 − b(x)',
  ],
};

const LOSSES: Record<string, string> = {
  loss: 'Total, which training lowers',
  crossEntropy: 'On the task (cross-entropy)',
  uniformCrossEntropy: 'On the outliers shown (cross-entropy from uniform)',
  confidence: 'For asking for hints (−log b, mean)',
  confidenceWeight: 'Weight of asking for hints, steered',
  uniformDivergence: 'On made images (divergence from uniform)',
  discriminator: 'Of the discriminator, which tells real from made images',
  generator: 'Of the generator, which makes them',
  deception: 'Of the generator: made images known for what they are',
  outlierLogConfidence: 'On the outliers shown (log b, mean)',
};

function known<T>(table: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export function modelTitle(name: string): string {
  return known(MODELS, name) ?? name;
}

export function setTitle(name: string): string {
  if (name === 'mean') return 'Mean';
  const [, set = name, part] = /^(.+)-(train|test)$/.exec(name) ?? [];
  const title = known(SETS, name)?.[0] ?? known(SETS, set)?.[0];
  if (title === undefined) return name;
  return part && !known(SETS, name) ? `${title}, to ${part}` : title;
}

export function setDescription(name: string): string {
  return known(SETS, name)?.[1] ?? '';
}

export function scoreTitle(name: string): string {
  return known(SCORES, name)?.[0] ?? name;
}

export function scoreDescription(name: string): string {
  return known(SCORES, name)?.[1] ?? '';
}

export function lossTitle(name: string): string {
  return known(LOSSES, name) ?? name;
}

/** The models' parts in the comparison: what it starts from, and what is judged. */
export function partsOf({ models }: Pick<ExperimentResults, 'models'>) {
  const base = models[0]!;
  const exposed =
    ['oe-tune', 'branch-oe', 'gan-oe'].flatMap((tuned) => models.filter(({ name }) => name === tuned))[0] ??
    models[1];
  return { base, exposed };
}

export function subjectOf({ subject, examples }: Pick<ExperimentResults, 'subject' | 'examples'>): {
  one: string;
  many: string;
} {
  const { one, many } = thingOf({ ...(examples && { examples }) });
  return subject ?? { one: `known ${one}`, many: `known ${many}` };
}

/** What the sets hold. */
export function thingOf({ examples }: Pick<ExperimentResults, 'examples'>): { one: string; many: string } {
  return examples === 'texts' ? { one: 'text', many: 'texts' } : { one: 'picture', many: 'pictures' };
}

/** Whether the authors published numbers to stand beside these. */
export function hasPublished({ published }: Pick<ExperimentResults, 'published'>): boolean {
  return Object.keys(published.rows).length > 0;
}

/** What a class is called: its name, or its number. */
export function className({ classes }: Pick<ExperimentResults, 'classes'>, label: number): string {
  return classes?.[label] ?? String(label);
}

/** The sets that rows are for, in their order and without the mean. */
export function setsOf(rows: readonly { set: string }[]): string[] {
  return [...new Set(rows.map(({ set }) => set))].filter((set) => set !== 'mean');
}

/** A fraction as `2.10 %`, which no line breaks. */
export function share(fraction: number): string {
  return `${percentage(fraction)}\u00a0%`;
}

/** A fraction and its standard deviation as `2.10 ± 0.30 %`. */
export function shareWithSpread(fraction: number, spread: number | undefined): string {
  return `${withSpread(fraction, spread)}\u00a0%`;
}

/** The same without the sign. */
export function withSpread(fraction: number, spread: number | undefined): string {
  return spread === undefined
    ? percentage(fraction)
    : `${percentage(fraction)}\u00a0±\u00a0${percentage(spread)}`;
}

/** A fraction in percent, without the sign, as the paper prints it. */
export function percentage(fraction: number): string {
  return (100 * fraction).toFixed(2);
}

export function score(value: number): string {
  return value.toFixed(3).replace('-', '−');
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An ISO date as `25 November 2026`; anything else as it is. */
export function day(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What the ± beside numbers stands for. */
export function spreadNote({ seeds, draws }: Pick<ExperimentResults, 'seeds' | 'draws'>): string {
  if (seeds.length > 1) {
    return `± is the standard deviation over ${seeds.length} models of each kind, trained from different seeds.`;
  }
  if (draws > 1) {
    return `± is the standard deviation over ${draws} random draws of strangers, all scored by one model of each kind; how much another training would differ, it does not show.`;
  }
  return 'One model of each kind, one draw of strangers: another seed gives somewhat other numbers.';
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
