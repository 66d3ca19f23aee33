/** Sets of images and texts from npm packages and from files. Node only. */
export { type CachedImageBytes, cachedImages, cacheFolders, type ImageBytes } from './cache.ts';
export * from './catalogue/index.ts';
export { loadFashionMnist } from './fashion-mnist.ts';
export { loadExtraTestSets } from './folder-sets.ts';
export { fontFamilies, fontPackage } from './font-packages.ts';
export { type Labels, readLabels } from './formats/labels.ts';
export type { ArrayLayout } from './formats/layout.ts';
export type { OpenImagesOptions } from './formats/options.ts';
export type { ValueRange } from './formats/pixels.ts';
export { loadGlyphs } from './glyphs.ts';
export { loadIcons } from './icons.ts';
export { loadIdxPair, loadMnist } from './mnist.ts';
export { openImages } from './open-images.ts';
export * from './text/index.ts';
