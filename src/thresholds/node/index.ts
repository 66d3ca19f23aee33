/** Thresholds on disk. Node only. */
export {
  type OpenedThreshold,
  openThreshold,
  type SavedThreshold,
  saveThreshold,
} from './threshold-files.ts';
