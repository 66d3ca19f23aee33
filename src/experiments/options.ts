/** What a run of an experiment is told. */
import type { Normalization } from '../nn/index.ts';
import type { Runtime } from '../runtime/index.ts';
import type { OpenCheckpoints } from './checkpoints.ts';
import type { ModelName, OwnFiles } from './declaration.ts';
import type { OnProgress } from './progress.ts';

export interface ExperimentOptions {
  /** How many models of each kind to train, from the seeds `seed`, `seed + 1`, … Default 1. */
  seeds?: number;
  /** Default 1. */
  seed?: number;
  /** How often outliers are drawn for each model. Default 1. */
  draws?: number;
  /** `'quick'`: less data and fewer epochs, to see it work. Default `'full'`. */
  size?: 'full' | 'quick';
  /** Also train from scratch with Outlier Exposure. Default `'without'`. */
  scratch?: 'with' | 'without';
  /** Which models, in place of what `scratch` says; `'baseline'` is always one. */
  models?: readonly ModelName[] | undefined;
  /** The architecture, by its name. Default: the paper's. */
  network?: string | undefined;
  /** A checkpoint or an .onnx file that the baseline is taken from, instead of training it. */
  from?: string | undefined;
  /** What the network does to pixels first. Default: the paper's, or what `from` needs. */
  normalization?: Normalization | undefined;
  /** How many training images, drawn by the seed (of MNIST the first). Default: all. */
  trainSize?: number | undefined;
  /** Of the baseline and of training from scratch. Default: the paper's. */
  epochs?: number | undefined;
  /** Of fine-tuning. Default: the paper's. */
  tuneEpochs?: number | undefined;
  /** Examples a step. Default: the paper's. */
  batch?: { inliers: number; outliers: number } | undefined;
  /** D_out^OE: a set's name, or NAME=PATH for files of one's own. */
  outliers?: string | undefined;
  /** A JSON file with what is left out of D_out^OE: classes, or examples as `oe data dedup` writes them. */
  exclude?: string | undefined;
  /** What to do when D_out^OE holds examples of a test set: add a note (`tell`, the default) or `refuse`. */
  overlap?: 'tell' | 'refuse' | undefined;
  /** A folder with files of data sets. */
  folder?: string | undefined;
  /** Files of one's own in place of the paper's sets. */
  files?: OwnFiles | undefined;
  /**
   * Detectors to measure beside the experiment's own: names as `findDetector` takes them, or `'all'`. Those that learn
   * do so from the training set.
   */
  detectors?: readonly string[] | undefined;
  runtime: Runtime;
  /** Where training keeps what is done, and goes on from. */
  checkpoints?: OpenCheckpoints | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}
