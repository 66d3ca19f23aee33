/** How fast a download goes. */

export interface DownloadProgress {
  /** In bytes. */
  done: number;
  /** In bytes, when the server or the caller says it. */
  total?: number;
  bytesPerSecond: number;
  remainingSeconds?: number;
}

export interface DownloadMeter {
  /** Bytes that are there. */
  readonly done: number;
  /** An attempt begins with so many bytes there. */
  start(done: number, total: number | undefined): void;
  add(bytes: number): void;
  /** All is there: what nobody knew the length of, has its length now. */
  end(): void;
}

/** The speed is that of the last seconds, of which marks are kept. */
const WINDOW = 5;
const BETWEEN_MARKS = 0.1;

/** @param now seconds */
export function downloadMeter(
  onProgress: ((progress: DownloadProgress) => void) | undefined,
  now = () => performance.now() / 1000,
): DownloadMeter {
  let done = 0;
  let total: number | undefined;
  let marks: { at: number; done: number }[] = [];
  const report = () => {
    const at = now();
    if (marks.length === 0 || at - marks.at(-1)!.at >= BETWEEN_MARKS) marks.push({ at, done });
    // One mark from before the window stays, to measure from.
    while (marks.length > 2 && marks[1]!.at < at - WINDOW) marks.shift();
    const seconds = at - marks[0]!.at;
    const bytesPerSecond = seconds > 0 ? (done - marks[0]!.done) / seconds : 0;
    onProgress?.({
      done,
      bytesPerSecond,
      ...(total !== undefined && { total }),
      ...(total !== undefined && bytesPerSecond > 0 && { remainingSeconds: (total - done) / bytesPerSecond }),
    });
  };
  return {
    get done() {
      return done;
    },
    start(there, all) {
      [done, total, marks] = [there, all, []];
      report();
    },
    add(bytes) {
      done += bytes;
      report();
    },
    end() {
      if (total === done) return;
      total = done;
      report();
    },
  };
}
