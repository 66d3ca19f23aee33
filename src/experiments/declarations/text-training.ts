/** How the paper trains on texts. */
import type { TrainingSettings } from '../declaration.ts';

const settings = { learningRate: 0.01, batch: { inliers: 64, outliers: 64 } } as const;

/** λ = 1, Adam. Two epochs of fine-tuning are the paper's; its code has five unless told otherwise. */
export const textTraining: TrainingSettings = {
  lambda: 1,
  weightDecay: 0,
  optimizer: 'adam',
  models: {
    baseline: { epochs: 5, ...settings },
    'oe-tune': { epochs: 2, ...settings },
    'oe-scratch': { epochs: 5, ...settings },
  },
};
