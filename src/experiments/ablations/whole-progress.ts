/** Progress over a whole ablation, from that of its stages. */
import type { ExperimentProgress, OnProgress } from '../progress.ts';

/**
 * Tells, beside each stage's progress, how far all of them are together and how long the rest takes.
 *
 * @param total the cost of all stages together, in any unit
 * @param now the time in milliseconds
 * @returns for the next stage and its cost: what that stage reports its progress to
 */
export function wholeProgress(
  total: number,
  onProgress: OnProgress,
  now: () => number = () => performance.now(),
): (cost: number) => OnProgress {
  let before = 0;
  // What was done when the first report came: training may go on from a checkpoint.
  let first: { time: number; share: number } | undefined;
  return (cost) => {
    const base = before;
    before += cost;
    return (progress: ExperimentProgress) => {
      const share = Math.min(1, (base + (cost * progress.done) / progress.total) / total);
      first ??= { time: now(), share };
      const gained = share - first.share;
      const seconds = gained > 0 ? (((now() - first.time) / 1000) * (1 - share)) / gained : undefined;
      const left = seconds === undefined || share >= 1 ? '' : `, ${rounded(seconds)} left`;
      const { remainingSeconds: _, ...rest } = progress;
      onProgress({
        ...rest,
        details: { 'of all': `${Math.floor(100 * share)} %${left}`, ...progress.details },
      });
    };
  };
}

function rounded(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
