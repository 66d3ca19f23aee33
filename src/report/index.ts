/** Results as tables, pages and files. What writes or reads files needs Node; the rest runs anywhere. */
export { writeAblation } from './ablation.ts';
export { ablationCsv } from './ablation-csv.ts';
export { ablationTable } from './ablation-table.ts';
export { csvReport } from './csv.ts';
export { markdownReport } from './markdown.ts';
export { type DetectorLine, detectorLines, detectorTable } from './matrix.ts';
export { writeComparison, writeReport } from './rebuild.ts';
export { loadRun, type Run } from './run.ts';
export type { Sample, SampleSet } from './samples.ts';
export type { Sheet } from './sheets.ts';
export { detectionTable, errorTable, percent, scoresOf, type Table, validationTable } from './tables.ts';
export { writeExperiment } from './write.ts';
