/** All experiments. The command line, its completion and the documentation go through this list. */
import type { ExperimentDeclaration } from './declaration.ts';
import { cifar10, cifar100 } from './declarations/cifar.ts';
import { confidenceBranchOnMnist } from './declarations/confidence-branch.ts';
import { mnist } from './declarations/mnist.ts';
import { newsgroups, sst, trec } from './declarations/paper-texts.ts';
import { places365 } from './declarations/places365.ts';
import { svhn } from './declarations/svhn.ts';
import { syntheticOutliersOnMnist } from './declarations/synthetic-outliers.ts';
import { text } from './declarations/text.ts';
import { tinyImagenet } from './declarations/tiny-imagenet.ts';

const DECLARATIONS = {
  mnist,
  'confidence-branch': confidenceBranchOnMnist,
  'synthetic-outliers': syntheticOutliersOnMnist,
  cifar10,
  cifar100,
  svhn,
  'tiny-imagenet': tinyImagenet,
  places365,
  text,
  '20newsgroups': newsgroups,
  trec,
  sst,
} as const;

export type ExperimentName = keyof typeof DECLARATIONS;

/** Their names. */
export const EXPERIMENTS = Object.keys(DECLARATIONS) as ExperimentName[];

export function declarationOf(name: ExperimentName): ExperimentDeclaration {
  return DECLARATIONS[name];
}
