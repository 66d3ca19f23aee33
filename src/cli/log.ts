/** Log lines of a server: JSON on standard output, written together where many come at once. */
import { destination, type Logger, pino } from 'pino';

/** Bytes that are written together, and milliseconds after which fewer are. */
const TOGETHER = 4096;
const PATIENCE = 50;
/** Of what nobody has read yet; beyond it lines are left out. */
const MOST_BYTES = 2 ** 24;

/**
 * A logger whose last lines are written when the process ends, other than by a signal.
 *
 * @param level `'info'` say, or `'silent'`
 */
export function serverLog(level: string): Logger {
  // A write for every line would cost as much as all else that a small request needs.
  const out = destination({
    fd: 1,
    sync: false,
    minLength: TOGETHER,
    periodicFlush: PATIENCE,
    maxLength: MOST_BYTES,
  });
  // Nobody reads any more, or the disk is full: serving goes on.
  out.on('error', () => {});
  return pino({ level, base: null }, out);
}
