/** What an ablation is: one factor of Outlier Exposure, several levels of it, everything else the same. */
import type { ImageSource } from '../../data/index.ts';
import type { Detector } from '../../detectors/index.ts';
import type { Objective } from '../../objectives/index.ts';
import type { ImageDeclaration, Inliers, ModelSettings } from '../declaration.ts';

/** How the model of a level is trained, where that is not as the experiment fine-tunes. */
export interface LevelSettings {
  outliers: ImageSource;
  lambda: number;
  batch: { inliers: number; outliers: number };
  epochs: number;
  /** At the start of the cosine. */
  learningRate: number;
  order: 'local' | 'shuffled';
  /** Default: Outlier Exposure with `lambda`. */
  objective?: Objective;
  /** What training begins with: the seed's baseline, or a network that was never trained. */
  start: 'baseline' | 'new network';
}

export interface Level extends Partial<LevelSettings> {
  /** Short, for axes and files: letters, digits, `.` and `-`. */
  name: string;
  /** For tables: what is special about it. */
  title: string;
  /** What it is measured by. Default: MSP. */
  detector?: Detector;
  /** The name of an earlier level whose model this one only measures in another way. */
  sameModelAs?: string;
}

/** What levels are made of. */
export interface AblationContext {
  declaration: ImageDeclaration;
  inliers: Inliers & { train: ImageSource };
  /** D_out^OE of the experiment, or what was asked for in its place. */
  outliers: ImageSource;
  /** How the experiment fine-tunes. */
  tuning: LevelSettings;
  /** How it trains from scratch; only of ablations that ask for it. */
  scratch: (ModelSettings & { epochs: number }) | undefined;
  /** Gaussian noise as the experiment draws it, so many images. */
  noise(count: number): ImageSource;
  /** Another D_out^OE, by its name or NAME=PATH. */
  openOutliers(name: string): Promise<ImageSource>;
  /** Decides which part of a set is taken. */
  seed: number;
}

export interface Ablation {
  /** Behind `ablation-` on the command line. */
  name: string;
  title: string;
  /** What it asks, as one sentence. */
  question: string;
  /** What is varied, for axes. */
  factor: string;
  /** Whether levels have an order, so that a line may join them. */
  levelsAre: 'ordered' | 'kinds';
  /** What the paper found, in a sentence with its place. */
  paper: string;
  /** Whether it needs to know how to train from scratch. */
  fromScratch?: true;
  /** What a level's text may be, for messages. */
  expected: string;
  /** The levels that are made unless others are asked for. */
  usual(context: AblationContext): readonly string[];
  /**
   * Makes levels from their texts.
   *
   * @returns one a text, in their order; `undefined` in the place of a text that is none
   */
  levels(texts: readonly string[], context: AblationContext): Promise<(Level | undefined)[]>;
}
