/** What a running experiment tells its caller; showing it is the caller's business. */

export interface ExperimentProgress {
  /** What is being done, as a short phrase: `'Train baseline (seed 1)'`. */
  stage: string;
  /** Units of work (steps, images) done and in all; a stage ends with done = total. */
  done: number;
  total: number;
  remainingSeconds?: number;
  /** Numbers worth watching, in the order to show them. */
  details?: Record<string, string>;
}

export type OnProgress = (progress: ExperimentProgress) => void;

/** Reports a stage that is one piece of work: its beginning and its end. */
export async function stage<T>(
  onProgress: OnProgress | undefined,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  onProgress?.({ stage: name, done: 0, total: 1 });
  const result = await work();
  onProgress?.({ stage: name, done: 1, total: 1 });
  return result;
}

/** Tells how much of a stage is done, and how long the rest will take at the speed so far. */
export function stageMeter(
  stage: string,
  onProgress: OnProgress | undefined,
): (done: number, total: number) => void {
  let first: { time: number; done: number } | undefined;
  return (done, total) => {
    first ??= { time: performance.now(), done };
    const seconds = (performance.now() - first.time) / 1000;
    const remaining =
      done > first.done ? { remainingSeconds: (seconds * (total - done)) / (done - first.done) } : {};
    onProgress?.({ stage, done, total, ...remaining });
  };
}
