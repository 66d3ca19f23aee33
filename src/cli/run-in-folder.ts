/** A long run whose results go to a folder: progress, checkpoints, Ctrl-C and --resume. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkpointFolder, type OnProgress, type OpenCheckpoints } from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { interruptible, tellOfDiscarded } from './interruption.ts';
import { progressDisplay } from './progress.ts';

/** The flags that say how. */
export interface FolderRunFlags {
  threads?: number | undefined;
  resume?: boolean | undefined;
  quiet?: boolean | undefined;
  verbose?: boolean | undefined;
}

/** What the work is done with. */
export interface FolderRun {
  threads: number;
  checkpoints: OpenCheckpoints;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/**
 * Works, then writes what came of it. Checkpoints lie in the folder until both are done, so that --resume goes on from
 * whatever interrupted them.
 *
 * @throws OutlierExposureError `io` for a folder that cannot be written, before any work; what `work` throws
 */
export async function runInFolder<Result>(
  folder: string,
  { threads = availableParallelism(), resume, quiet, verbose }: FolderRunFlags,
  work: (run: FolderRun) => Promise<Result>,
  write: (result: Result) => Promise<void>,
): Promise<Result> {
  // Find out now, not after the training.
  await ensureWritableFolder(folder);
  const display = progressDisplay(process.stderr, quiet ? 'quiet' : verbose ? 'verbose' : 'normal');
  const checkpoints = join(folder, 'checkpoints');
  try {
    const result = await interruptible(
      (signal) =>
        work({
          threads,
          checkpoints: checkpointFolder(
            checkpoints,
            resume ? 'resume' : 'anew',
            { threads },
            { onDiscard: tellOfDiscarded },
          ),
          signal,
          onProgress: display.show,
        }),
      () =>
        `Interrupted. What was done is kept in ${checkpoints}; the same command with --resume goes on from there.`,
    );
    await write(result);
    // What they were kept for is done.
    await rm(checkpoints, { recursive: true, force: true });
    return result;
  } finally {
    display.end();
  }
}
