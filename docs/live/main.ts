/** The live page: trains a network on digits, exposes it to outliers, and shows what that changes. */
import {
  convNet,
  cosineSchedule,
  crossEntropy,
  detectionMetrics,
  type ImageSource,
  type Model,
  mspScore,
  OutlierExposureError,
  outlierExposure,
  Random,
  type Runtime,
  sgd,
  type TrainProgress,
  train,
  uniformNoise,
  writeModel,
} from 'outlier-exposure';
import { type WebRuntime, webRuntime } from 'outlier-exposure/web';
import { histogram } from './chart.ts';
import { digits, letters, SIDE, scribbles, textures } from './draw.ts';

const SEED = 1;
const BATCH = 50;
const EPOCHS = 4;
/** Softmax over ten classes: minus the largest probability. */
const SCORE_RANGE: [number, number] = [-1, -0.1];

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const show = (id: string, text: string) => {
  find(id).textContent = text;
};

const training = digits(3000, Random.from(SEED, 'digits'));
const outlierSets: Record<string, ImageSource> = {
  scribbles: scribbles(1500, Random.from(SEED, 'scribbles')),
  noise: uniformNoise({ count: 1500, shape: [1, SIDE, SIDE], seed: SEED }),
};
const testDigits = digits(1000, Random.from(SEED, 'test digits'));
const testSets = [
  { title: 'Letters', images: letters(500, Random.from(SEED, 'letters')) },
  { title: 'Textures', images: textures(500, Random.from(SEED, 'textures')) },
];

const select = find<HTMLSelectElement>('outliers');
const start = find<HTMLButtonElement>('start');
const stop = find<HTMLButtonElement>('stop');
const progress = find<HTMLProgressElement>('progress');
let stopping = new AbortController();

void strip('strip-digits', training);
void strip('strip-letters', testSets[0]!.images);
void strip('strip-textures', testSets[1]!.images);
void strip('strip-training', outlierSets[select.value]!);
select.addEventListener('change', () => strip('strip-training', outlierSets[select.value]!));
stop.addEventListener('click', () => stopping.abort());
find('controls').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});

async function run(): Promise<void> {
  stopping = new AbortController();
  const { signal } = stopping;
  start.disabled = select.disabled = true;
  stop.disabled = false;
  stop.focus();
  find('results').hidden = true;
  progress.value = 0;
  for (const id of ['loss', 'accuracy', 'speed']) show(id, '–');
  let runtime: WebRuntime | undefined;
  try {
    show('status', 'Starting ONNX Runtime …');
    runtime = await webRuntime();
    signal.throwIfAborted();
    const threads = runtime.threads === 1 ? 'one thread' : `${runtime.threads} threads`;
    show('status', `Training on the processor, with ${threads}.`);
    const inliers = training;
    const plain = await train(convNet({ seed: SEED }), {
      inliers,
      objective: crossEntropy(),
      batch: { inliers: BATCH, outliers: 0 },
      ...settings(runtime, signal, 0.1, 'Step 1 of 2: learning digits', 0),
    });
    const before = await scoreAll(plain.model, runtime, signal);
    const exposed = await train(plain.model, {
      inliers,
      outliers: outlierSets[select.value]!,
      objective: outlierExposure({ lambda: 0.5 }),
      batch: { inliers: BATCH, outliers: BATCH },
      ...settings(runtime, signal, 0.05, 'Step 2 of 2: meeting outliers', 0.5),
    });
    const after = await scoreAll(exposed.model, runtime, signal);
    progress.value = 1;
    show('phase', 'Done');
    report(before, after);
    const change = testSets.map(({ title }, i) => {
      const [was, is] = [before, after].map((scores) => metricsOf(scores, i).auroc);
      return `${title}: AUROC ${percent(was!)} before, ${percent(is!)} after.`;
    });
    show('status', change.join(' '));
  } catch (error) {
    if (signal.aborted) {
      show('phase', 'Stopped');
      show('status', 'Stopped. Start begins anew.');
    } else {
      show('phase', 'Failed');
      show(
        'status',
        error instanceof OutlierExposureError ? error.message : `Something went wrong: ${String(error)}`,
      );
    }
  } finally {
    await runtime?.dispose();
    start.disabled = select.disabled = false;
    stop.disabled = true;
    start.focus();
  }
}

/** What both trainings share. */
function settings(runtime: Runtime, signal: AbortSignal, peak: number, phase: string, from: number) {
  show('phase', phase);
  return {
    optimizer: sgd({ momentum: 0.9 }),
    schedule: cosineSchedule({ peak, steps: (EPOCHS * training.length) / BATCH }),
    epochs: EPOCHS,
    seed: SEED,
    runtime,
    signal,
    onProgress({ step, steps, losses, imagesPerSecond }: TrainProgress) {
      progress.value = from + (0.5 * step) / steps;
      show('loss', losses.loss!.toFixed(3));
      show('accuracy', percent(losses.accuracy!));
      show('speed', Math.round(imagesPerSecond).toLocaleString('en'));
    },
  };
}

interface AllScores {
  inliers: Float32Array;
  outliers: Float32Array[];
}

async function scoreAll(model: Model, runtime: Runtime, signal: AbortSignal): Promise<AllScores> {
  const session = await runtime.createSession(writeModel(model));
  const score = async (images: ImageSource): Promise<Float32Array> => {
    const scores = new Float32Array(images.length);
    for (let from = 0; from < images.length; from += 100) {
      signal.throwIfAborted();
      const { data, shape } = await window100(images, from);
      const { logits } = await session.run({ pixels: { elementType: 'float32', shape, data } });
      scores.set(mspScore(logits!.data as Float32Array, 10), from);
    }
    return scores;
  };
  const inliers = await score(testDigits);
  const outliers: Float32Array[] = [];
  for (const { images } of testSets) outliers.push(await score(images));
  await session.release();
  return { inliers, outliers };
}

async function window100(images: ImageSource, from: number) {
  const indices = Array.from({ length: Math.min(100, images.length - from) }, (_, i) => from + i);
  const data = new Float32Array(indices.length * SIDE * SIDE);
  await images.read(indices, data);
  return { data, shape: [indices.length, 1, SIDE, SIDE] };
}

function metricsOf({ inliers, outliers }: AllScores, set: number) {
  return detectionMetrics(inliers, outliers[set]!);
}

function report(before: AllScores, after: AllScores): void {
  const rows = testSets.map(({ title }, i) => {
    const [was, is] = [metricsOf(before, i), metricsOf(after, i)];
    const row = document.createElement('tr');
    const heading = document.createElement('th');
    heading.scope = 'row';
    heading.textContent = title;
    const cells = [was.auroc, is.auroc, was.fpr, is.fpr].map((value) => {
      const cell = document.createElement('td');
      cell.textContent = percent(value);
      return cell;
    });
    row.append(heading, ...cells);
    return row;
  });
  find('rows').replaceChildren(...rows);
  const charts = testSets.flatMap(({ title }, i) =>
    [['before', before] as const, ['after', after] as const].map(([when, { inliers, outliers }]) =>
      histogram(
        `${title} (orange, dashed) and digits (blue), ${when}`,
        `${title} and digits, ${when}: half of the ${title.toLowerCase()} score below ${middle(outliers[i]!)}; half of the digits below ${middle(inliers)}.`,
        { inliers, outliers: outliers[i]!, range: SCORE_RANGE },
      ),
    ),
  );
  find('charts').replaceChildren(...charts);
  find('results').hidden = false;
}

/** Two rows of examples. */
async function strip(id: string, images: ImageSource): Promise<void> {
  const [columns, rows] = [12, 2];
  const canvas = find<HTMLCanvasElement>(id);
  canvas.width = columns * SIDE;
  canvas.height = rows * SIDE;
  const context = canvas.getContext('2d')!;
  const pixels = new Float32Array(columns * rows * SIDE * SIDE);
  await images.read(
    Array.from({ length: columns * rows }, (_, i) => i),
    pixels,
  );
  for (let i = 0; i < columns * rows; i++) {
    const picture = context.createImageData(SIDE, SIDE);
    for (let j = 0; j < SIDE * SIDE; j++) {
      picture.data.fill(255 * pixels[i * SIDE * SIDE + j]!, 4 * j, 4 * j + 3);
      picture.data[4 * j + 3] = 255;
    }
    context.putImageData(picture, (i % columns) * SIDE, Math.floor(i / columns) * SIDE);
  }
}

/** The median, in words. */
function middle(scores: Float32Array): string {
  return scores.slice().sort()[scores.length >> 1]!.toFixed(3).replace('-', '−');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}
