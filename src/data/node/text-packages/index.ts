/** Sets of texts that come with the install, from npm packages. Node only. */
export { type DefinitionSets, loadDefinitions } from './definitions.ts';
export { loadLicences } from './licences.ts';
export { loadProgramCode } from './program-code.ts';
export { loadReviews, type ReviewSubject } from './reviews.ts';
