/** Shows progress: one live line in a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';
import type { ExperimentProgress } from '../experiments/index.ts';
import { colorsFor } from './colors.ts';

const colors = colorsFor(process.stderr);

/** How often the live line is drawn, and how often a plain line is printed, in milliseconds. */
const LIVE = 100;
const PLAIN = 5000;
const BAR = 24;
const LEAST_BAR = 8;

export interface ProgressDisplay {
  show(progress: ExperimentProgress): void;
  /** Leaves the terminal as it should be; may be called twice. */
  end(): void;
}

/** `'quiet'` shows nothing; `'verbose'` keeps a line for every epoch. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

export function progressDisplay(stream: NodeJS.WriteStream, verbosity: Verbosity): ProgressDisplay {
  if (verbosity === 'quiet') return { show() {}, end() {} };
  const live = stream.isTTY === true;
  const update = live ? createLogUpdate(stream) : undefined;
  let last = 0;
  let stage = '';
  let began = 0;
  let epoch: string | undefined;
  const keep = (line: string) => {
    if (!update) stream.write(`${line}\n`);
    else {
      update(line);
      update.done();
    }
  };
  return {
    show(progress) {
      const now = performance.now();
      if (progress.stage !== stage) [stage, began, last, epoch] = [progress.stage, now, 0, undefined];
      const current = progress.details?.epoch;
      if (verbosity === 'verbose' && epoch !== undefined && current !== epoch) keep(plain(progress));
      epoch = current;
      const finished = progress.done >= progress.total;
      if (!finished && now - last < (live ? LIVE : PLAIN)) return;
      last = now;
      if (finished) keep(`${live ? `${colors.green('✓')} ` : ''}${summary(progress, (now - began) / 1000)}`);
      else if (update) update(bar(progress, stream.columns ?? 80));
      // A first plain line with nothing done yet says nothing.
      else if (progress.done > 0) stream.write(`${plain(progress)}\n`);
    },
    end() {
      update?.done();
    },
  };
}

function details({ details: values = {} }: ExperimentProgress): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ');
}

/** One line that fits: the bar shrinks first, then details are left out from the end. */
function bar(progress: ExperimentProgress, columns: number): string {
  const entries = Object.entries(progress.details ?? {});
  for (let kept = entries.length; ; kept--) {
    const shown = { ...progress, details: Object.fromEntries(entries.slice(0, kept)) };
    const [left, right] = [`${progress.stage} `, ` ${share(progress)}  ${details(shown)}${eta(progress)}`];
    const room = Math.min(BAR, columns - 1 - left.length - right.length);
    if (room < LEAST_BAR && kept > 0) continue;
    const width = Math.max(0, room);
    const filled = Math.round((width * progress.done) / progress.total);
    return left + colors.cyan('━'.repeat(filled)) + colors.dim('━'.repeat(width - filled)) + right;
  }
}

function plain(progress: ExperimentProgress): string {
  return `${progress.stage}: ${share(progress)}  ${details(progress)}${eta(progress)}`;
}

function summary(progress: ExperimentProgress, seconds: number): string {
  return `${progress.stage}: ${seconds.toFixed(1)} s  ${details(progress)}`.trimEnd();
}

function share({ done, total }: ExperimentProgress): string {
  return `${Math.floor((100 * done) / total)} %`;
}

function eta({ remainingSeconds }: ExperimentProgress): string {
  if (remainingSeconds === undefined) return '';
  const seconds = Math.round(remainingSeconds);
  return seconds < 60 ? `  ${seconds} s left` : `  ${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}
