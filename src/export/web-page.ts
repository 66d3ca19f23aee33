/** The small page that an exported model comes with. */
import { OutlierExposureError } from '../errors.ts';

/** Scores that a line of JavaScript computes: of logits `z`, probabilities `p` and the detector's settings `s`. */
const FORMULAS = {
  msp: '-Math.max(...p)',
  'max-logit': '-Math.max(...z)',
  energy:
    '-s.temperature * (Math.max(...z) / s.temperature + Math.log(z.reduce((a, v) => a + Math.exp((v - Math.max(...z)) / s.temperature), 0)))',
  entropy: '-p.reduce((a, v) => a + (v > 0 ? v * Math.log(v) : 0), 0)',
  'uniform-ce':
    'z.reduce((a, v) => a + v, 0) / z.length - Math.max(...z) - Math.log(z.reduce((a, v) => a + Math.exp(v - Math.max(...z)), 0))',
} as const;

/** A detector that the page can compute by itself. */
export type PageDetector = keyof typeof FORMULAS;

/** Their names. */
export const PAGE_DETECTORS = Object.keys(FORMULAS) as PageDetector[];

export interface WebPageOptions {
  /** Channels, height, width of the images that the model takes. */
  shape: readonly [number, number, number];
  /** The names of the model's input and of its logits. */
  input: string;
  output: string;
  /** What the classes are called; without, their numbers are shown. */
  classNames?: readonly string[] | undefined;
  /** The score, and from which one on a picture is an outlier. Default: MSP, and the score alone is shown. */
  detector?: string | undefined;
  settings?: Readonly<Record<string, number>> | undefined;
  threshold?: number | undefined;
}

/**
 * A page that takes a picture and says what the model makes of it. It loads `model.onnx` and `ort/` beside it, and nothing else.
 *
 * @throws OutlierExposureError `unsupported` for a detector that needs more than logits or has learned something
 */
export function webPage(options: WebPageOptions): string {
  const { shape, input, output, classNames, detector = 'msp', settings = {}, threshold } = options;
  if (!Object.hasOwn(FORMULAS, detector)) {
    throw new OutlierExposureError(
      'unsupported',
      `The exported page computes ${PAGE_DETECTORS.join(', ')}, but the threshold is one of ${detector}: choose one of these, or take thresholdDetector of outlier-exposure/web in a page of your own (docs/browser.md).`,
    );
  }
  const [channels, height, width] = shape;
  const verdict = threshold === undefined ? '' : `\${score < ${threshold} ? 'known' : 'an outlier'}, `;
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="data:,">
  <title>What is it?</title>
  <body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem">
  <main>
    <h1>What is it?</h1>
    <p><label>A picture <input id="picture" type="file" accept="image/*"></label></p>
    <p><output id="answer" for="picture">Choose a picture; it stays on this machine.</output></p>
  </main>
  <script type="module">
    import * as ort from './ort/ort.wasm.min.mjs';
    const [names, s] = [${embedded(classNames ?? [])}, ${embedded(settings)}];
    const session = await ort.InferenceSession.create('model.onnx');
    const context = new OffscreenCanvas(${width}, ${height}).getContext('2d');
    window.classify = async (rgba) => {
      const pixels = Float32Array.from({ length: ${channels * height * width} }, (_, i) => ${pixelOf(channels, height * width)});
      const z = [...(await session.run({ ${embedded(input)}: new ort.Tensor('float32', pixels, [1, ${shape.join(', ')}]) }))[${embedded(output)}].data];
      const e = z.map((v) => Math.exp(v - Math.max(...z))), p = e.map((v) => v / e.reduce((a, b) => a + b));
      return { best: p.indexOf(Math.max(...p)), p, score: ${FORMULAS[detector as PageDetector]} };
    };
    picture.onchange = async () => {
      context.drawImage(await createImageBitmap(picture.files[0]), 0, 0, ${width}, ${height});
      const { best, p, score } = await classify(context.getImageData(0, 0, ${width}, ${height}).data);
      answer.value = \`${verdict}\${names[best] ?? \`class \${best}\`}, \${(100 * p[best]).toFixed(1)} % sure; anomaly score (${detector}) \${score.toFixed(4)}\`;
    };
  </script>
</html>
`;
}

/** One value of the model's input, from a canvas' bytes: four a pixel, row by row. */
function pixelOf(channels: number, size: number): string {
  if (channels === 1)
    return '(0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2]) / 255';
  return `rgba[4 * (i % ${size}) + Math.floor(i / ${size})] / 255`;
}

/** A value as JavaScript inside a page: nothing in it can end the script. */
function embedded(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
