/** "Train it here": the form, the plots and what came of it. */
import { type Model, OutlierExposureError, type Runtime } from 'outlier-exposure';
import { find, percent } from './element.ts';
import { linePlot } from './line-plot.ts';
import { loadSet, type Playground, type ShownSet } from './load.ts';
import { fineTune } from './training.ts';

/**
 * @param start the model that training starts from
 * @param onTrained told the trained model
 */
export function trainSection(
  playground: Playground,
  {
    start,
    sets,
    runtime,
    onTrained,
  }: { start: Model; sets: readonly ShownSet[]; runtime: Runtime; onTrained(model: Model): Promise<void> },
): void {
  const settings = playground.training!;
  const { shape } = playground;
  find('training').hidden = false;
  find('training-about').textContent =
    `Goes on from ${playground.models[0]!.name} with ${settings.inliers.count} training ${playground.subject.many} and ${settings.outliers.count} outliers, none of which is tested with.`;
  const loss = linePlot('Training loss', { loss: 'in' }, (value) => value.toFixed(2));
  const auroc = linePlot('AUROC on the page’s test examples, mean over sets', { AUROC: 'out' }, percent);
  find('training-plots').append(loss.figure, auroc.figure);
  const [go, stop] = [find<HTMLButtonElement>('train'), find<HTMLButtonElement>('stop')];
  const epochs = find<HTMLInputElement>('epochs');
  const progress = find<HTMLProgressElement>('progress');
  const status = find('training-status');
  let stopping = new AbortController();
  stop.addEventListener('click', () => stopping.abort());

  const run = async () => {
    stopping = new AbortController();
    const { signal } = stopping;
    loss.clear();
    auroc.clear();
    progress.value = 0;
    status.textContent = 'Training …';
    let [first, last] = [Number.NaN, Number.NaN];
    try {
      const [inliers, outliers] = [
        await loadSet(settings.inliers, shape),
        await loadSet(settings.outliers, shape),
      ];
      const model = await fineTune({
        model: start,
        settings,
        inliers: inliers.examples,
        outliers: outliers.examples,
        sets,
        epochs: Math.min(50, Math.max(1, Math.round(epochs.valueAsNumber) || 1)),
        runtime,
        signal,
        onStep({ step, steps, losses }) {
          progress.value = step / steps;
          loss.add('loss', step / steps, losses.loss!);
        },
        onMeasure(at, value) {
          if (at === 0) first = value;
          last = value;
          auroc.add('AUROC', at, value);
        },
      });
      await onTrained(model);
      status.textContent = `Done: AUROC ${percent(first)} before, ${percent(last)} after. The model stands beside the others above.`;
    } catch (error) {
      status.textContent = signal.aborted
        ? 'Stopped. Train begins anew.'
        : error instanceof OutlierExposureError
          ? error.message
          : `Something went wrong: ${String(error)}`;
    }
  };
  find('training-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = epochs.disabled = true;
    stop.disabled = false;
    stop.focus();
    await run();
    go.disabled = epochs.disabled = false;
    stop.disabled = true;
    go.focus();
  });
}
