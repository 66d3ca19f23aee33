/** Work that is broken off: Ctrl-C tells it to stop and keep what it has done, which may be thrown away later. */

/** The work was broken off by the user. */
export class Interrupted extends Error {}

/**
 * Runs work that stops when the user presses Ctrl-C; a second Ctrl-C ends the process at once.
 *
 * @param sentence what to say of what was done, when it was broken off
 * @throws Interrupted when it was broken off
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  sentence: () => string,
): Promise<T> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted && (error as Error).name === 'AbortError')
      throw new Interrupted(sentence());
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** Starting anew is what was asked for; that it throws work away is said. */
export function tellOfDiscarded(folder: string, different: string | undefined): void {
  process.stderr.write(
    different === undefined
      ? `Starting anew: the unfinished run whose checkpoints were in ${folder} is discarded; --resume would have gone on with it.\n`
      : `Starting anew: the unfinished run whose checkpoints were in ${folder} is discarded; --resume goes on with a run under the same settings, but ${different}.\n`,
  );
}
