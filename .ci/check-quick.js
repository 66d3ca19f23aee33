/** Looks at the results of the quick run: the mean over the test sets must be better with Outlier Exposure, on all metrics. */
import { readFileSync } from 'node:fs';

const { rows } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const mean = (model) => rows.find((row) => row.model === model && row.score === 'msp' && row.set === 'mean');
const [before, after] = [mean('baseline'), mean('oe-tune')];
const better = after.fpr < before.fpr && after.auroc > before.auroc && after.aupr > before.aupr;
const show = ({ fpr, auroc, aupr }) =>
  `FPR95 ${fpr.toFixed(4)}, AUROC ${auroc.toFixed(4)}, AUPR ${aupr.toFixed(4)}`;
console.log(`baseline: ${show(before)}\noe-tune:  ${show(after)}`);
process.exitCode = better ? 0 : 1;
