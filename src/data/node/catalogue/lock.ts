/** Lets one process at a time fetch a set. */
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { OutlierExposureError } from '../../../errors.ts';
import { fileError } from '../../../files/atomic.ts';

/** Those of this process: an earlier one may have had its number. */
const held = new Set<string>();

/**
 * Does work while a file says that it is being done; the file of a process that is no more is taken over.
 *
 * @param what is being done, for the error: `'CIFAR-10 is being fetched'`
 * @throws OutlierExposureError `io` when another process does it
 */
export async function withLock<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${hostname()}`;
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(mine).finally(() => file.close());
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, path, 'written');
      const owner = await readFile(path, 'utf8').catch(() => '');
      if (attempt > 0 || held.has(path) || isAlive(owner))
        throw new OutlierExposureError(
          'io',
          `${what} by another process (${owner || 'unknown'}); wait for it, or remove ${path} if there is none.`,
        );
      await rm(path, { force: true });
    }
  }
  held.add(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
    held.delete(path);
  }
}

function isAlive(owner: string): boolean {
  const [pid, host] = owner.split(' ');
  // Of another machine nothing is known.
  if (host !== hostname()) return owner !== '';
  if (Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
