/** The small page that an exported model comes with. */
import { embedded } from './embedded.ts';
import { imageInput, type PageText, textInput } from './page-inputs.ts';
import { formulaOf } from './page-scores.ts';

/** What the page shows beside what it asks for. */
interface PageAnswer {
  /** The names of the model's input and of its logits. */
  input: string;
  output: string;
  /** What the classes are called; without, their numbers are shown. */
  classNames?: readonly string[] | undefined;
  /** The score, and from which one on a picture or text is an outlier. Default: MSP, and the score alone is shown. */
  detector?: string | undefined;
  settings?: Readonly<Record<string, number>> | undefined;
  threshold?: number | undefined;
}

export type WebPageOptions = PageAnswer &
  (
    | {
        /** Channels, height, width of the images that the model takes. */
        shape: readonly [number, number, number];
        text?: undefined;
      }
    | {
        /** How the model takes texts. */
        text: PageText;
        shape?: undefined;
      }
  );

/**
 * A page that takes a picture or a text and says what the model makes of it. It loads `model.onnx`, `ort/` and, for texts,
 * `words.json` beside it, and nothing else.
 *
 * @throws OutlierExposureError `unsupported` for a detector that needs more than logits or has learned something
 */
export function webPage(options: WebPageOptions): string {
  const { input, output, classNames, detector = 'msp', settings = {}, threshold } = options;
  const formula = formulaOf(detector);
  const asked = options.shape ? imageInput(options.shape) : textInput(options.text);
  const field = options.shape ? 'picture' : 'text';
  const verdict = threshold === undefined ? '' : `\${score < ${threshold} ? 'known' : 'an outlier'}, `;
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="data:,">
  <title>${asked.title}</title>
  <body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem">
  <main>
    <h1>${asked.title}</h1>
    ${asked.field}
    <p><output id="answer" for="${field}">${asked.invitation}</output></p>
  </main>
  <script type="module">
    const ort = await import('./ort/ort.wasm.min.mjs');
    const [names, s] = [${embedded(classNames ?? [])}, ${embedded(settings)}];
    const session = await ort.InferenceSession.create('model.onnx');
    ${asked.prepare}
    window.classify = async (given) => {
      ${asked.tensor}
      const z = [...(await session.run({ ${embedded(input)}: tensor }))[${embedded(output)}].data];
      const e = z.map((v) => Math.exp(v - Math.max(...z))), p = e.map((v) => v / e.reduce((a, b) => a + b));
      return { best: p.indexOf(Math.max(...p)), p, score: ${formula} };
    };
    // The last that was asked for is answered; a session does one thing at a time.
    let [latest, before] = [undefined, Promise.resolve()];
    const show = (given) => {
      latest = given;
      before = before.then(async () => {
        if (given !== latest) return;
        if (given === undefined) return void (answer.value = answer.defaultValue);
        const { best, p, score } = await classify(given);
        answer.value = \`${verdict}\${names[best] ?? \`class \${best}\`}, \${(100 * p[best]).toFixed(1)} % sure; anomaly score (${detector}) \${score.toFixed(4)}\`;
      }).catch((error) => { answer.value = error.message; });
    };
    ${asked.listen}
  </script>
</html>
`;
}
