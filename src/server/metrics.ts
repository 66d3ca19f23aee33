/** Numbers for Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Generation } from './generation.ts';
import type { CheckedItem } from './protocol.ts';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const ITEMS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export type ServerMetrics = ReturnType<typeof serverMetrics>;

/**
 * @param current what is served now
 * @param held images and texts that are waiting or being checked
 */
export function serverMetrics(current: () => Generation | undefined, held: () => number) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers });
  const requests = counter('oe_requests_total', 'Requests, by path and status.', ['path', 'status']);
  const checked = counter('oe_checked_total', 'Images and texts that were checked, by outcome.', ['outcome']);
  const labels = counter('oe_labels_total', 'Images and texts by the class that was found.', ['label']);
  const restarts = counter('oe_worker_deaths_total', 'Workers that died.', []);
  const reloads = counter('oe_reloads_total', 'Loads of changed files, by outcome.', ['outcome']);
  const alarms = counter(
    'oe_drift_alarms_total',
    'Windows with more flagged than calibration lets expect.',
    [],
  );
  const latency = new Histogram({
    name: 'oe_request_seconds',
    help: 'From the head of a request to its answer.',
    labelNames: ['path'],
    buckets: SECONDS,
    registers,
  });
  const batchSize = new Histogram({
    name: 'oe_batch_items',
    help: 'Images and texts that went through the model together.',
    buckets: ITEMS,
    registers,
  });
  const batchSeconds = new Histogram({
    name: 'oe_batch_seconds',
    help: 'From handing a batch to a worker to its verdicts.',
    buckets: SECONDS,
    registers,
  });
  const gauge = (name: string, help: string, read: (now: Generation) => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const now = current();
        this.set((now && read(now)) ?? 0);
      },
    });
  gauge('oe_held_items', 'Images and texts that are waiting or being checked.', held);
  gauge('oe_queued_items', 'Images and texts that no worker has yet.', ({ pool }) => pool.waiting);
  gauge('oe_threshold', 'From which score on an example is an outlier.', ({ about }) => about.threshold);
  gauge(
    'oe_calibrated_flagged_share',
    'What is flagged in distribution, as it was calibrated.',
    ({ about }) => about.falseAlarms.rate,
  );
  gauge('oe_drift_alarm', '1 while the last window, or the one under way, has an alarm.', ({ drift }) =>
    drift?.report().alarm ? 1 : 0,
  );
  gauge(
    'oe_drift_window_flagged',
    'Flagged in the window under way.',
    ({ drift }) => drift?.report().window.flagged,
  );
  const quantiles = new Gauge({
    name: 'oe_score_quantile',
    help: 'Quantiles of the scores since the model was loaded.',
    labelNames: ['share'],
    registers,
    collect() {
      for (const { share, score } of current()?.drift?.report().quantiles ?? [])
        if (!Number.isNaN(score)) quantiles.set({ share: String(share) }, score);
    },
  });
  return {
    requests,
    restarts,
    reloads,
    alarms,
    latency,
    batchSize,
    batchSeconds,
    /** Counts what was said of an item. */
    count(result: CheckedItem) {
      const outcome = 'error' in result ? 'error' : result.isOutlier ? 'outlier' : 'inlier';
      checked.inc({ outcome });
      if (!('error' in result)) labels.inc({ label: String(result.label) });
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
