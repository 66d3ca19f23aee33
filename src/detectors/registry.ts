/** All detectors, by name. The command line, the documentation and the tests go through this list. */
import type { Detector } from './detector.ts';
import { msp } from './msp.ts';
import { uniformCrossEntropy } from './uniform-ce.ts';

export const detectors: readonly Detector[] = [msp, uniformCrossEntropy];
