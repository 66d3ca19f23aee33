/** `oe export --target onnx`: a classifier that tells its features, its score and its verdict itself, in any runtime. */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import { withToldOutputs } from '../export/index.ts';
import { ensureWritableFolder, writeFileAtomic } from '../files/atomic.ts';
import { writeModel } from '../onnx/index.ts';
import { saveThreshold } from '../thresholds/node/index.ts';
import { thresholdFor, unfitted } from './export-threshold.ts';
import { readClassifier } from './models.ts';

export const TELLINGS = ['features', 'score', 'verdict'] as const;
export type Telling = (typeof TELLINGS)[number];

export interface ExportOnnxOptions {
  model: string;
  threshold?: string;
  detector?: string;
  tell?: Telling[];
  out: string;
  json?: boolean;
}

/** Writes the model, and beside it a threshold that belongs to the new file. */
export async function exportOnnx(options: ExportOnnxOptions): Promise<void> {
  const { threshold: path, out } = options;
  if (!/\.onnx$/i.test(out))
    throw new OutlierExposureError(
      'invalid-argument',
      `With --target onnx a file is written, but ${out} does not end in .onnx: give --out the model's name.`,
    );
  if (path !== undefined && options.detector !== undefined)
    throw new OutlierExposureError(
      'invalid-argument',
      'The threshold has a detector of its own: leave out --detector.',
    );
  const tell = new Set(options.tell ?? ['score', ...(path === undefined ? [] : (['verdict'] as const))]);
  if (tell.has('verdict') && path === undefined)
    throw new OutlierExposureError(
      'invalid-argument',
      'A verdict needs a threshold: choose one with oe threshold, and give its file as --threshold.',
    );
  const classifier = await readClassifier(options.model);
  const opened = await thresholdFor(classifier, path);
  const detector = opened?.detector ?? unfitted(options.detector ?? 'msp');
  const scored = tell.has('score') || tell.has('verdict');
  const told = withToldOutputs(classifier.model, {
    features: tell.has('features'),
    detector: scored ? detector : undefined,
    threshold: tell.has('verdict') ? opened?.file.threshold : undefined,
  });
  const bytes = writeModel(told);
  await ensureWritableFolder(dirname(out));
  await writeFileAtomic(out, bytes);
  const guard = opened ? out.replace(/\.onnx$/i, '.guard.json') : undefined;
  if (opened && guard !== undefined) {
    const { format: _, version: __, ...rest } = opened.file;
    const newModel = { name: basename(out), sha256: createHash('sha256').update(bytes).digest('hex') };
    await saveThreshold(guard, {
      ...rest,
      model: newModel,
      detector,
      features: opened.file.detector.features,
    });
  }
  const outputs = [...told.graph.outputs.keys()];
  const files = guard === undefined ? out : `${out} and ${guard}`;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ out, guard, outputs, detector: scored ? detector.detector.name : null, bytes: bytes.length })}\n`
      : `Written to ${files}: the model's outputs are ${outputs.join(', ')}.\n`,
  );
}
