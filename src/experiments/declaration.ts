/** What an experiment declares: its data, its network and the settings that the paper trained it with. */
import type { Augmentation, ImageShape, ImageSource, InputRange, TextSource } from '../data/index.ts';
import type { Normalization } from '../nn/index.ts';
import type { FallingOptions } from '../training/index.ts';
import type { OnProgress } from './progress.ts';
import type { Published } from './published/index.ts';

/** The classifier, the same fine-tuned with Outlier Exposure, and one that was exposed from the beginning. */
const CLASSIFIERS = ['baseline', 'oe-tune', 'oe-scratch'] as const;

/** All models that experiments may have, in the order in which they are made; `MODEL_KINDS` says what each is. */
export const MODELS = [...CLASSIFIERS, 'branch', 'branch-oe', 'gan', 'gan-oe'] as const;
export type ModelName = (typeof MODELS)[number];

/** Something for each of the classifiers, and perhaps for further models. */
export type ByModel<T> = Record<(typeof CLASSIFIERS)[number], T> & Partial<Record<ModelName, T>>;

/** How one of the models is trained. */
export interface ModelSettings {
  /** `undefined` where the paper takes a classifier that others trained. */
  epochs: number | undefined;
  /** At the start of the cosine. */
  learningRate: number;
  /** Examples a step; a model that is not exposed sees no outliers. */
  batch: { inliers: number; outliers: number };
  /** In place of the experiment's. */
  optimizer?: OptimizerName;
  /** Where the rate falls in steps, in place of a cosine. */
  falls?: Omit<FallingOptions, 'rate' | 'steps'>;
  /** In place of the experiment's. */
  weightDecay?: number;
  /** In place of the experiment's. */
  augment?: TrainingSettings['augment'] | undefined;
  /**
   * How a model that is trained from the beginning goes on from a baseline that comes from a file instead. Where it is left
   * out, the model starts anew then, too.
   */
  goesOn?: Pick<ModelSettings, 'learningRate' | 'optimizer' | 'falls' | 'weightDecay'> & { epochs: number };
}

/**
 * SGD with Nesterov momentum and a cosine by step, as the paper trains classifiers of images, or Adam with a cosine by
 * epoch, as it trains those of texts.
 */
export type OptimizerName = 'sgd' | 'adam';

/** How a generator makes outliers (Lee et al. 2018). */
export interface SyntheticSettings {
  /** The weight of KL(U ‖ p(G(z))). */
  beta: number;
  /** The width of generator and discriminator. */
  features: number;
}

/** The same for all models of an experiment. */
export interface TrainingSettings {
  models: ByModel<ModelSettings>;
  /** The weight of the outliers' term. */
  lambda: number;
  weightDecay: number;
  /** Of models that are trained with a generator's images. */
  synthetic?: SyntheticSettings;
  /** Default `'sgd'`. */
  optimizer?: OptimizerName;
  augment?: { inliers?: Augmentation; outliers?: Augmentation } | undefined;
}

/** A run to see it work: less data, fewer epochs and, perhaps, a smaller network. */
export interface QuickSettings {
  trainSize: number;
  epochs: ByModel<number>;
  network?: string;
  batch?: { inliers: number; outliers: number };
}

/** D_in. */
export interface Inliers<Set = ImageSource> {
  /** Left out when nothing is trained. */
  train?: Set;
  test: Set;
}

/** Everything that is not D_in. */
export interface OutlierSets<Set = ImageSource> {
  /** D_out^OE; left out when nothing is exposed. */
  train?: Set;
  testSets: Set[];
  validationSets: Set[];
  /** What a reader of the results has to know: sets that are missing, sets that stand in for others. */
  notes: string[];
}

/** The user's own files in place of the paper's: a path each, by name. */
export interface OwnFiles {
  train?: { path: string; labels?: string | undefined } | undefined;
  test?: { path: string; labels?: string | undefined } | undefined;
  /** Further D_out^test. */
  ood?: Readonly<Record<string, string>> | undefined;
}

/** Which data are wanted. */
export interface SetRequest {
  /** A folder of the user's with files of the sets. */
  folder?: string | undefined;
  files: OwnFiles;
  training: 'wanted' | 'not wanted';
  seed: number;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** Which images are wanted. */
export interface DataRequest extends SetRequest {
  /** The shape that images are brought to. */
  shape: ImageShape;
}

/** Which texts are wanted. */
export interface TextRequest extends SetRequest {
  /** D_out^OE: a set's name, a path, or NAME=PATH; default: what the experiment says. */
  outliers?: string | undefined;
  exposure: 'wanted' | 'not wanted';
  /** Words of a text that are kept. */
  maxTokens?: number | undefined;
}

export interface OutlierRequest extends DataRequest {
  /** D_out^OE: a set's name, or NAME=PATH; default: what the experiment says. */
  outliers?: string | undefined;
  /** A file that lists classes of D_out^OE which also occur in D_in. */
  exclude?: string | undefined;
  exposure: 'wanted' | 'not wanted';
  inliers: Inliers;
  /** How many images of noise each set holds. */
  noiseCount: number;
  /** What the network does to its input first; noise is drawn behind it. */
  normalization?: Normalization | undefined;
}

interface CommonDeclaration {
  /** What it is called on the command line. */
  name: string;
  /** One line for lists: what is trained, on what. */
  description: string;
  /** The heading of its results. */
  title: string;
  /** What the in-distribution examples are, for sentences. */
  subject: { one: string; many: string };
  classes: number;
  /** The architecture, by its name in `src/nn/architectures.ts`, or `gru`. */
  network: string;
  /** Where the paper takes another network for some of the models: for a run with any of them. */
  networkFor?: Partial<Record<ModelName, string>>;
  /** A smaller training set is the first examples of the whole one, or drawn by the seed. */
  trainPart: 'first' | 'drawn';
  training: TrainingSettings;
  /** Which models are made unless told otherwise. Default: `baseline` and `oe-tune`. */
  models?: readonly ModelName[];
  quick: QuickSettings;
  /** The N of FPRN. */
  n: number;
  /** How many outliers are drawn, as a share of the in-distribution test examples. */
  outRatio: number;
  /** @param models those of the run; for some the paper has tables of their own */
  published(network: string, models?: readonly ModelName[]): Published;
}

/** An experiment with images. */
export interface ImageDeclaration extends CommonDeclaration {
  examples: 'images';
  shape: ImageShape;
  /** What the network does to pixels in [0, 1] first. */
  normalization?: Normalization;
  /** What published checkpoints of a network expect instead, where that is known. */
  checkpointNormalization?(network: string): Normalization | undefined;
  /** The range in which noise is drawn, behind the normalization. */
  noiseRange: InputRange;
  loadInliers(request: DataRequest): Promise<Inliers>;
  loadOutliers(request: OutlierRequest): Promise<OutlierSets>;
}

/** How texts become the network's numbers. */
export interface TextSettings {
  /** The most frequent words of the training texts are known, so many of them. */
  vocabulary: number;
  /** Whether words are made lower case. */
  lowerCase: boolean;
  /** Words of a text that count: the first ones. All unless given. */
  maxTokens?: number;
}

/** An experiment with texts. */
export interface TextDeclaration extends CommonDeclaration {
  examples: 'texts';
  text: TextSettings;
  /** The names of what it can be exposed to, for help and messages. */
  outlierNames: readonly string[];
  loadTexts(
    request: TextRequest,
  ): Promise<{ inliers: Inliers<TextSource>; outliers: OutlierSets<TextSource> }>;
}

export type ExperimentDeclaration = ImageDeclaration | TextDeclaration;
