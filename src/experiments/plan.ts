/** From what was declared and what was asked for to what is done. */
import { OutlierExposureError } from '../errors.ts';
import { architecture, type Normalization } from '../nn/index.ts';
import { type ExperimentDeclaration, MODELS, type ModelName, type ModelSettings } from './declaration.ts';
import { MODEL_KINDS, scoresFor, startOf } from './model-kinds.ts';
import type { ExperimentOptions } from './options.ts';

export interface Plan {
  size: 'full' | 'quick';
  names: ModelName[];
  network: string;
  normalization: Normalization | undefined;
  trainSize: number | undefined;
  /** Those that are trained, by name; a model that goes on from another names it. */
  models: Record<string, PlannedModel>;
  /** Every model by the same scores, or first each by its own, in rows of the score `own`. */
  scores: 'same' | 'own';
}

export type PlannedModel = Omit<ModelSettings, 'goesOn'> & { epochs: number; after?: ModelName };

/** @throws OutlierExposureError `invalid-argument` for what does not go together */
export function planOf(declaration: ExperimentDeclaration, options: ExperimentOptions): Plan {
  const { size = 'full', from } = options;
  const quick = size === 'quick' ? declaration.quick : undefined;
  const names = chosenModels(declaration, options);
  const usual = names.flatMap((name) => declaration.networkFor?.[name] ?? [])[0] ?? declaration.network;
  const network = options.network ?? (from ? undefined : quick?.network) ?? usual;
  // Says what is known when the name is mistyped.
  if (declaration.examples === 'images') architecture(network);
  else checkTextNetwork(declaration.name, network);
  const trained = names.filter((name) => name !== 'baseline' || from === undefined);
  const models = Object.fromEntries(
    trained.map((name) => {
      const after = startOf(name, declaration.training, from);
      const settings = settingsOf(declaration.training.models[name]!, after);
      // Going on from a file's baseline takes the place of training from the beginning.
      const given = MODEL_KINDS[name].after ? options.tuneEpochs : options.epochs;
      const epochs = given ?? quick?.epochs[name] ?? settings.epochs;
      if (epochs === undefined) throw untrained(declaration, name);
      const batch = options.batch ?? quick?.batch ?? settings.batch;
      return [name, { ...settings, epochs, batch, ...(after ? { after } : {}) }];
    }),
  );
  return {
    size,
    names,
    network,
    normalization: normalizationFor(declaration, options, network),
    trainSize: options.trainSize ?? quick?.trainSize,
    models,
    scores: scoresFor(names),
  };
}

/** Only what is trained from the beginning otherwise says how it goes on. */
function settingsOf(
  { goesOn, ...anew }: ModelSettings,
  after: ModelName | undefined,
): Omit<ModelSettings, 'goesOn'> {
  if (!goesOn || !after) return anew;
  const { batch, augment } = anew;
  return { batch, ...(augment ? { augment } : {}), ...goesOn };
}

function chosenModels(
  { name: experiment, training, models: usual = ['baseline', 'oe-tune'] }: ExperimentDeclaration,
  { models, scratch = 'without' }: ExperimentOptions,
): ModelName[] {
  const chosen = new Set<ModelName>(models ?? usual);
  if (scratch === 'with') chosen.add('oe-scratch');
  if (!chosen.has('baseline')) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The models are ${[...chosen].join(', ')}, but all others are compared with "baseline": name it too.`,
    );
  }
  for (const name of chosen) {
    const { after } = MODEL_KINDS[name];
    if (!training.models[name]) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The experiment ${experiment} has no model ${name}: its models are ${Object.keys(training.models).join(', ')}.`,
      );
    }
    if (after && !chosen.has(after)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The model ${name} goes on from ${after}, which is not among ${[...chosen].join(', ')}: name it too.`,
      );
    }
  }
  return MODELS.filter((name) => chosen.has(name));
}

function untrained({ name, network }: ExperimentDeclaration, model: ModelName): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    model === 'baseline'
      ? `The paper's ${name} experiment starts from a trained ${network}: give its weights (--from FILE), or say how many epochs to train one (--epochs).`
      : `The paper has no ${model} for ${name}: say how many epochs to train it (--epochs), or leave it out.`,
  );
}

function checkTextNetwork(experiment: string, network: string): void {
  if (network === 'gru') return;
  throw new OutlierExposureError(
    'invalid-argument',
    `There is no network "${network}" for the texts of ${experiment}: it is gru, the paper's; leave --model out.`,
  );
}

function normalizationFor(
  declaration: ExperimentDeclaration,
  { normalization, from }: ExperimentOptions,
  network: string,
): Normalization | undefined {
  if (declaration.examples === 'texts') return undefined;
  if (normalization) return normalization;
  // An .onnx file brings its own.
  if (from?.toLowerCase().endsWith('.onnx')) return undefined;
  const checkpoint = from && declaration.checkpointNormalization?.(network);
  return checkpoint || declaration.normalization;
}
