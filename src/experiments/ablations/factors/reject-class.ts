/** Uniform predictions against a class of its own for outliers. */
import { rejection } from '../../../detectors/index.ts';
import { rejectClass as rejectObjective } from '../../../objectives/index.ts';
import type { Ablation, Level } from '../ablation.ts';

export const rejectClass: Ablation = {
  name: 'reject-class',
  title: 'Uniform predictions, or a class for outliers',
  question: 'Would a class more, into which outliers are put, do as well as uniform predictions?',
  factor: 'what outliers are taught as',
  levelsAre: 'kinds',
  paper:
    'The paper finds a reject class worse than Outlier Exposure with the maximum softmax probability (section 5).',
  expected: '"uniform", "reject" or "reject-msp" (after "reject")',
  usual: () => ['uniform', 'reject', 'reject-msp'],
  async levels(texts, { tuning }) {
    const { lambda } = tuning;
    return texts.map((text, place): Level | undefined => {
      switch (text) {
        case 'uniform':
          return { name: text, title: 'uniform predictions, by MSP' };
        case 'reject':
          return {
            name: text,
            title: 'a reject class, by its probability',
            objective: rejectObjective({ lambda }),
            detector: rejection,
          };
        case 'reject-msp':
          if (!texts.slice(0, place).includes('reject')) return undefined;
          return { name: text, title: 'a reject class, by MSP of the others', sameModelAs: 'reject' };
        default:
          return undefined;
      }
    });
  },
};
