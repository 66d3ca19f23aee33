/** Keeps what the drift monitor has seen in a file, now and then and at the end. */
import type { Logger } from 'pino';
import { writeDriftState } from './drift-state.ts';
import type { Generation } from './generation.ts';

const EVERY_MILLISECONDS = 60_000;

/** @returns what keeps it a last time */
export function keepDrift(path: string, current: () => Generation, log: Logger): { end(): Promise<void> } {
  let writing: Promise<void> = Promise.resolve();
  const keep = () => {
    // One after the other: they share a temporary file.
    writing = writing.then(async () => {
      const { drift, sha256, about } = current();
      if (!drift) return;
      try {
        await writeDriftState(path, { model: sha256, detector: about.detector }, drift);
      } catch (error) {
        log.error({ reason: (error as Error).message }, 'the state of the drift monitor was not kept');
      }
    });
    return writing;
  };
  const timer = setInterval(() => void keep(), EVERY_MILLISECONDS);
  return {
    end() {
      clearInterval(timer);
      return keep();
    },
  };
}
