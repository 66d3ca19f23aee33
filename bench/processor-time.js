/** Processor time of other processes, from Linux's /proc. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc, the same on all of Linux's usual builds. */
const TICKS = 100;

/** @returns seconds of user and system time so far, of all its threads; undefined where the process, or /proc, is missing */
export function processorSeconds(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold anything, parentheses and spaces too.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return undefined;
  }
}
