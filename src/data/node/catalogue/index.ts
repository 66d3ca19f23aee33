/** The data sets of the paper: what there is, where it comes from, fetching and checking it. Node only. */
export {
  bytesText,
  CATALOGUE,
  downloadBytes,
  findDataSet,
  readCatalogue,
} from './catalogue.ts';
export {
  type FetchedSet,
  type FetchOptions,
  type FetchProgress,
  fetchDataSet,
} from './fetch.ts';
export { dataFolder, dataRoot, howToGet, howToGetSet } from './place.ts';
export { type DataFile, type DataSet, ROLES } from './schema.ts';
export { catalogueMarkdown } from './table.ts';
export { type VerifiedSet, verifyDataSet } from './verify.ts';
