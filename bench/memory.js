/** The memory of this process. */
import { readFileSync } from 'node:fs';

/**
 * The most resident memory this process has had, in bytes. From /proc where there is one, since the other source
 * also counts what the starting process held.
 */
export function peakResidentBytes() {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}
