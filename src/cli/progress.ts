/** Shows progress: one live line in a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { ExperimentProgress } from '../experiments/index.ts';

/** How often the live line is drawn, and how often a plain line is printed, in milliseconds. */
const LIVE = 100;
const PLAIN = 5000;
const BAR = 24;

export interface ProgressDisplay {
  show(progress: ExperimentProgress): void;
  /** Leaves the terminal as it should be; may be called twice. */
  end(): void;
}

export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const live = stream.isTTY === true;
  const update = live ? createLogUpdate(stream) : undefined;
  let last = 0;
  let stage = '';
  let began = 0;
  return {
    show(progress) {
      const now = performance.now();
      if (progress.stage !== stage) [stage, began, last] = [progress.stage, now, 0];
      const finished = progress.done >= progress.total;
      if (!finished && now - last < (live ? LIVE : PLAIN)) return;
      last = now;
      if (finished) {
        const line = `${pc.green('✓')} ${summary(progress, (now - began) / 1000)}`;
        if (update) {
          update(line);
          update.done();
        } else stream.write(`${summary(progress, (now - began) / 1000)}\n`);
      } else if (update) update(bar(progress));
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

function bar(progress: ExperimentProgress): string {
  const filled = Math.round((BAR * progress.done) / progress.total);
  const drawn = pc.cyan('━'.repeat(filled)) + pc.dim('━'.repeat(BAR - filled));
  return `${progress.stage} ${drawn} ${share(progress)}  ${details(progress)}${eta(progress)}`;
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
