/** The small page that an exported model comes with. */
import { embedded } from './embedded.ts';
import { imageInput, type PageText, textInput } from './page-inputs.ts';

/** What the page shows beside what it asks for. */
interface PageAnswer {
  /** The names of the model's input, of its logits, and of the score that it tells (`withToldOutputs`). */
  input: string;
  output: string;
  score: string;
  /** What the classes are called; without, their numbers are shown. */
  classNames?: readonly string[] | undefined;
  /** What the score is called. */
  detector: string;
  /** The score from which on a picture or text is an outlier. Default: the score alone is shown. */
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
 */
export function webPage(options: WebPageOptions): string {
  const { input, output, score, classNames, detector, threshold } = options;
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
    const names = ${embedded(classNames ?? [])};
    const session = await ort.InferenceSession.create('model.onnx');
    ${asked.prepare}
    window.classify = async (given) => {
      ${asked.tensor}
      const answers = await session.run({ ${embedded(input)}: tensor });
      const z = [...answers[${embedded(output)}].data];
      const e = z.map((v) => Math.exp(v - Math.max(...z))), p = e.map((v) => v / e.reduce((a, b) => a + b));
      return { best: p.indexOf(Math.max(...p)), p, score: answers[${embedded(score)}].data[0] };
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
