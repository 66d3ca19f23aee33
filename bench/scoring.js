/** MSP scores of images in a file, against PyTorch; and how time and memory grow with the number of images. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNetwork } from '../dist/nn/index.js';
import { float32, writeModel, writeSafetensors } from '../dist/onnx/index.js';
import { runChild } from './child.js';
import { THREADS } from './peers.js';
import { writeRandomImages } from './random-images.js';
import { inTurns, median, row } from './rows.js';

const CHILD = fileURLToPath(new URL('./scoring-child.js', import.meta.url));
const [RESNET, WRN] = [
  { title: 'ResNet-20', network: 'resnet-20' },
  { title: 'WRN-40-2', network: 'wrn-40-2' },
];
/** How far the two sides' scores may lie apart. */
const TOLERANCE = 1e-4;

export async function run(options) {
  const { quick } = options;
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    return [
      ...(await againstPyTorch(folder, { ...RESNET, count: quick ? 2000 : 10_000 }, options)),
      ...(await againstPyTorch(folder, { ...WRN, count: quick ? 400 : 10_000 }, options)),
      ...(await growth(folder, quick ? [200, 1000, 5000] : [1000, 10_000, 100_000], options)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function againstPyTorch(folder, { title, network, count }, { quick, python, progress, note, signal }) {
  const name = `MSP of ${counted(count)}, ${title}`;
  progress(name);
  const { model, weights } = await writeNetwork(folder, network);
  const images = await writeImages(folder, count);
  const peer = (layout) => () =>
    python.run('scoring.py', [network, weights, images, THREADS, layout], { needs: 'torch', signal });
  const { ours, ...peers } = await inTurns(quick ? 1 : 3, {
    ours: () => ourScoring(model, images, signal),
    PyTorch: peer('contiguous_format'),
    'PyTorch, channels last': peer('channels_last'),
  });
  const rowsOf = (name, key, unit) =>
    Object.entries(peers).map(([peer, theirs]) =>
      row({ name, peer, ours: middle(ours, key), theirs: middle(theirs, key), unit }),
    );
  for (const [peer, theirs] of Object.entries(peers)) {
    const apart =
      theirs && Math.max(...ours[0].scores.map((score, i) => Math.abs(score - theirs[0].scores[i])));
    if (apart !== null && !(apart < TOLERANCE))
      note(`${name}: the scores of ${peer} are ${apart} from ours.`);
  }
  return [...rowsOf(name, 'seconds', 's'), ...rowsOf(`${name}, resident memory`, 'peakBytes', 'bytes')];
}

/** Time is linear when ten times the images take ten times as long, and memory constant when they take as much. */
async function growth(folder, counts, { quick, progress, signal }) {
  const { model } = await writeNetwork(folder, RESNET.network);
  const sides = {};
  for (const count of counts) {
    const images = await writeImages(folder, count);
    sides[count] = () => {
      progress(`MSP of ${counted(count)}, ${RESNET.title}`);
      return ourScoring(model, images, signal);
    };
  }
  const measured = await inTurns(quick ? 1 : 3, sides);
  return counts.slice(1).flatMap((count, i) => {
    const [more, fewer] = [measured[count], measured[counts[i]]];
    const name = `MSP of ${counted(count)}, ${RESNET.title}`;
    const times = count / counts[i];
    return [
      row({
        name: `${name}, growth of time`,
        peer: `${times} × ${counted(counts[i])}`,
        ours: middle(more, 'seconds'),
        theirs: times * middle(fewer, 'seconds'),
        unit: 's',
      }),
      row({
        name: `${name}, growth of memory`,
        peer: counted(counts[i]),
        ours: middle(more, 'peakBytes'),
        theirs: middle(fewer, 'peakBytes'),
        unit: 'bytes',
      }),
    ];
  });
}

async function ourScoring(model, images, signal) {
  const { stdout } = await runChild([CHILD, model, images], { env: process.env, signal });
  return JSON.parse(stdout);
}

/** The same network for both sides: a model for ours, and its weights for PyTorch. */
async function writeNetwork(folder, name) {
  const model = buildNetwork(name, { seed: 1 });
  const { initializers } = model.graph;
  // Untrained statistics normalize nothing, so that sums would grow from block to block and all scores be −1.
  for (const [key, { shape, data }] of initializers)
    if (key.endsWith('.weight') && shape.length === 1)
      initializers.set(
        key,
        float32(
          data.map(() => 0.5),
          shape,
        ),
      );
  const paths = { model: join(folder, `${name}.onnx`), weights: join(folder, `${name}.safetensors`) };
  const named = [...initializers].filter(([key]) => /\.(weight|bias|running_mean|running_var)$/.test(key));
  await writeFile(paths.model, writeModel(model));
  await writeFile(paths.weights, writeSafetensors({ tensors: Object.fromEntries(named), metadata: {} }));
  return paths;
}

async function writeImages(folder, count) {
  const path = join(folder, `${count}.npy`);
  await writeRandomImages(path, count);
  return path;
}

const middle = (rounds, key) => rounds && median(rounds.map((round) => round[key]));
const counted = (count) => `${count.toLocaleString('en')} images`;
