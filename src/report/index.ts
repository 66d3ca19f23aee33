/** Results as tables and files. `writeExperiment` needs Node; the rest runs anywhere. */
export { csvReport } from './csv.ts';
export { markdownReport } from './markdown.ts';
export { detectionTable, errorTable, percent, scoresOf, type Table, validationTable } from './tables.ts';
export { writeExperiment } from './write.ts';
