/** What writes pages: the playground of a run, the page of an exported model. Node only. */
export { type BuildPageOptions, ensurePage } from './build-page.ts';
export { type PageFile, type PageFiles, pageFile, writePage } from './files.ts';
export { type PlaygroundOptions, playgroundFiles } from './playground-files.ts';
export { type ServedPage, servePage } from './serve.ts';
export { webRuntimeFiles } from './web-folder.ts';
