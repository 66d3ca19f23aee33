/** The playground: two models side by side on what is drawn, typed or picked, and what a threshold makes of it. */
import { type Model, OutlierExposureError, type Runtime, readModel, tokenizerOf } from 'outlier-exposure';
import { webRuntime } from 'outlier-exposure/web';
import { openClassifier } from './classifier.ts';
import { type Contender, contender, outlierScores, scoresOfRun } from './contender.ts';
import { find, make } from './element.ts';
import { showGallery } from './gallery.ts';
import { imageInput, type Looked, textInput } from './input-section.ts';
import { loadBytes, loadPlayground, loadSet, type Playground, type ShownSet } from './load.ts';
import { trainSection } from './train-section.ts';

const TRAINED = 'trained here';
const ALL = 'all outliers';

const status = find('status');
const contenders: Contender[] = [];
let playground: Playground;
let sets: ShownSet[] = [];
let looked: Looked | undefined;
let asking: Promise<void> | undefined;

start().catch((error: unknown) => {
  status.textContent =
    error instanceof OutlierExposureError || error instanceof Error ? error.message : String(error);
  status.dataset.trouble = '';
});

async function start(): Promise<void> {
  playground = await loadPlayground();
  find('title').textContent = playground.title;
  document.title = `${playground.title}: playground`;
  status.textContent = 'Starting ONNX Runtime …';
  const runtime = await webRuntime();
  const models: Model[] = [];
  for (const { name, file, scores, testError } of playground.models) {
    const model = readModel(await loadBytes(file));
    models.push(model);
    const classifier = await openClassifier(model, runtime);
    addContender(
      contender({ name, classifier, scores: await scoresOfRun(scores), testError }, playground, moved),
    );
  }
  const tokenizer = playground.examples === 'texts' ? tokenizerOf(models[0]!) : undefined;
  sets = await Promise.all(playground.sets.map((set) => loadSet(set, playground.shape, tokenizer)));
  const events = {
    onExample: (example: Looked | undefined, when: 'under way' | 'done') => look(example, when),
    onTrouble: (sentence: string) => {
      status.textContent = sentence;
    },
  };
  const show = playground.shape
    ? imagesShown(imageInput(playground.shape, events))
    : textsShown(textInput(tokenizer!, events));
  fillChoices(show);
  find('works').hidden = false;
  status.textContent = `Ready. ${playground.examples === 'texts' ? 'Type something' : 'Draw something'}, or pick an example.`;
  if (playground.training) {
    trainSection(playground, {
      start: models[0]!,
      sets,
      runtime,
      onTrained: (model) => addTrained(model, runtime),
    });
  }
}

type ShowExample = (set: ShownSet, index: number) => Promise<void>;

function imagesShown(see: (pixels: Float32Array) => void): ShowExample {
  return async (set, index) => {
    const [channels, height, width] = playground.shape!;
    const pixels = new Float32Array(channels * height * width);
    if ('read' in set.examples) await set.examples.read([index], pixels);
    see(pixels);
    look({ set: set.examples, index }, 'done');
  };
}

function textsShown(put: (text: string) => void): ShowExample {
  return async (set, index) => {
    put(set.texts![index]!);
    look({ set: set.examples, index }, 'done');
  };
}

/** The lists of sets: one of what is shown in the gallery, one of what the thresholds are measured with. */
function fillChoices(show: ShowExample): void {
  const title = ({ name, role }: { name: string; role: string }) =>
    role === 'in' ? playground.subject.many : name;
  const shown = find<HTMLSelectElement>('gallery-set');
  for (const set of sets) shown.append(make('option', { value: set.name }, title(set)));
  const fill = () => {
    const set = sets.find(({ name }) => name === shown.value)!;
    const { shape, classes } = playground;
    void showGallery(find('gallery'), set, { shape, title: title(set), classes }, (index) =>
      show(set, index),
    );
  };
  shown.addEventListener('change', fill);
  fill();
  const measured = find<HTMLSelectElement>('threshold-set');
  measured.append(make('option', { value: '' }, ALL));
  for (const set of sets) if (set.role === 'out') measured.append(make('option', {}, set.name));
  measured.addEventListener('change', () => {
    for (const each of contenders) showScores(each);
  });
  for (const each of contenders) showScores(each);
}

function showScores({ plot, scores }: Contender): void {
  const chosen = find<HTMLSelectElement>('threshold-set').value;
  const names = chosen === '' ? sets.filter(({ role }) => role === 'out').map(({ name }) => name) : [chosen];
  plot.show({ inliers: scores.get('in')!, outliers: outlierScores(scores, names), name: chosen || ALL });
}

function addContender(added: Contender): void {
  contenders.push(added);
  find('cards').append(added.card.element);
  find('thresholds').append(added.plot.figure);
}

/** One call at a time; of what came meanwhile, the last. */
function look(example: Looked | undefined, when: 'under way' | 'done'): void {
  looked = example;
  if (!example) {
    for (const each of contenders) {
      delete each.answer;
      each.card.clear();
      each.plot.mark(undefined);
    }
    status.textContent = '';
    return;
  }
  asking ??= answerLast().finally(() => {
    asking = undefined;
  });
  if (when === 'done') void asking.then(tell);
}

async function answerLast(): Promise<void> {
  let asked: Looked | undefined;
  while (looked && looked !== asked) {
    asked = looked;
    for (const each of contenders) {
      const answer = await each.classifier.answer(asked.set, asked.index);
      // Cleared meanwhile.
      if (!looked) return;
      each.answer = answer;
      each.card.show(answer, each.plot.threshold);
      each.plot.mark(answer.score);
    }
  }
}

/** For those who hear the page: the answers in a sentence each, once something is finished. */
function tell(): void {
  const sentences = contenders.flatMap(({ answer, card, plot }) =>
    answer ? card.show(answer, plot.threshold) : [],
  );
  status.textContent = sentences.join(' ');
}

function moved({ answer, card, plot }: Contender): void {
  if (answer) card.show(answer, plot.threshold);
}

/** Puts the model trained on the page beside the others; its scores are those of the page's examples alone. */
async function addTrained(model: Model, runtime: Runtime): Promise<void> {
  const before = contenders.findIndex(({ name }) => name === TRAINED);
  if (before >= 0) {
    const [old] = contenders.splice(before, 1);
    old!.card.element.remove();
    old!.plot.figure.remove();
    await old!.classifier.release();
  }
  const classifier = await openClassifier(model, runtime);
  const scores = new Map<string, Float32Array>();
  for (const { name, examples } of sets) scores.set(name, await classifier.scores(examples));
  const added = contender({ name: TRAINED, classifier, scores }, playground, moved);
  addContender(added);
  showScores(added);
  if (looked) look({ ...looked }, 'done');
}
