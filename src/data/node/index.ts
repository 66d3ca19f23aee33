/** Sets of images from npm packages and from files. Node only. */
export { type CachedImageBytes, cachedImages, cacheFolders, type ImageBytes } from './cache.ts';
export { loadFashionMnist } from './fashion-mnist.ts';
export { loadExtraTestSets } from './folder-sets.ts';
export { fontFamilies, fontPackage } from './font-packages.ts';
export { loadGlyphs } from './glyphs.ts';
export { loadIcons } from './icons.ts';
export { loadIdxPair, loadMnist } from './mnist.ts';
