/** Guards from files, with images decoded by sharp. Node only. */
export { imageDecoder, MAX_PIXELS } from './decode.ts';
export { type PictureFormat, pictureFormat } from './image-format.ts';
export { type OpenGuardOptions, openGuard, thresholdBeside } from './open-guard.ts';
