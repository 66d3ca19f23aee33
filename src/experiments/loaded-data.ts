/** What is there once an experiment's data are read. */
import type { ExampleSet } from '../data/index.ts';
import type { Model } from '../onnx/index.ts';
import type { ContactSheet } from './contact-sheet.ts';
import type { Inliers, OutlierSets } from './declaration.ts';
import type { TrainedElsewhere } from './start.ts';
import type { TextSheet } from './text-sheet.ts';

export interface LoadedData {
  inliers: Inliers<ExampleSet>;
  outliers: OutlierSets<ExampleSet>;
  /** A model that was never trained; the seed decides its parameters. */
  newModel(seed: number): Model;
  elsewhere: TrainedElsewhere | undefined;
  /** What the results say of how examples become numbers. */
  config: Record<string, unknown>;
  /** Some examples of every set. */
  sheets(): Promise<(ContactSheet | TextSheet)[]>;
  /** Frees what reads files. */
  close(): Promise<void>;
}
