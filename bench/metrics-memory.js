/**
 * How many bytes the metrics take beyond the scores themselves, at their peak. Run with --expose-gc; prints JSON.
 *
 * The scores are allocated, the code has run once on few of them, and garbage is collected; then the peak of the
 * resident memory is set back (Linux: 5 into clear_refs), the metrics run once, and the new peak is read. The
 * resident memory before is taken off. Where the peak cannot be set back, it is the process's highest so far,
 * and the difference may come out too small by what starting Node took.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { detectionMetrics } from '../dist/metrics/index.js';
import { randomScores } from './scores.js';

const { inliers, outliers } = randomScores();
detectionMetrics(inliers.slice(0, 1000), outliers.slice(0, 1000));
globalThis.gc();

const resetPeak = () => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
};
const status = (field) =>
  1024 *
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);

let extraBytes;
if (resetPeak()) {
  const before = status('VmRSS');
  resetPeak();
  detectionMetrics(inliers, outliers);
  extraBytes = status('VmHWM') - before;
} else {
  const before = process.memoryUsage.rss();
  detectionMetrics(inliers, outliers);
  extraBytes = process.resourceUsage().maxRSS * 1024 - before;
}
console.log(JSON.stringify({ extraBytes }));
