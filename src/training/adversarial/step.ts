/**
 * Compiles a classifier, a generator and a discriminator into one training step (Lee et al. 2018): the discriminator is
 * updated, then the generator against the updated discriminator, then the classifier with the updated generator's images.
 */
import { endsOf } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { latentSize } from '../../nn/index.ts';
import { discriminatorLoss, generatorLoss, syntheticOutliers } from '../../objectives/index.ts';
import {
  createModel,
  Graph,
  type Model,
  removeUnused,
  staticShape,
  upgradeModel,
  withOwnWeights,
  writeModel,
} from '../../onnx/index.ts';
import { abilitiesOf } from '../../runtime/abilities.ts';
import { inferTypes } from '../../runtime/infer.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { blockConvolutions } from '../block-convolutions.ts';
import type { Optimizer } from '../optimizer.ts';
import { poolByPhases } from '../pool-by-phases.ts';
import { foldShapes } from '../static-shapes.ts';
import { accuracyOf, classesOf, stepValue, type TrainingStep } from '../step.ts';
import { DROPOUT_SEED, trainingMode } from '../training-mode.ts';
import { connect } from './pass.ts';
import { scalarInputs, Trainee } from './trainee.ts';
import { transposedProducts } from './transposed-products.ts';

/** The networks that are trained together. */
export interface AdversarialModels {
  /** From images [batch, channels, height, width] to logits [batch, classes]. */
  classifier: Model;
  /** From latent vectors [batch, latent] to images. */
  generator: Model;
  /** From images to logits [batch, 1]: above 0 for real ones. */
  discriminator: Model;
}

export type Role = keyof AdversarialModels;

export interface AdversarialStepOptions {
  /** The weight of KL(U ‖ p(G(z))) in the classifier's loss and in the generator's. */
  beta: number;
  /** The classifier's. */
  optimizer: Optimizer;
  /** The generator's and the discriminator's. */
  adversaries: Optimizer;
  /** How many real images, and how many made ones in their place as outliers, a step takes. */
  batch: { inliers: number; outliers: number };
  runtime: Runtime;
}

export interface AdversarialStep extends TrainingStep {
  /** The inputs for latent vectors: of the discriminator's and the generator's updates, and of the classifier's. */
  latents: readonly [string, string];
  /** Of each. */
  latentShape: readonly [count: number, size: number];
  /** By role and initializer: the variable that holds it. */
  variablesOf: Readonly<Record<Role, ReadonlyMap<string, string>>>;
}

/** The name of a scalar of the adversaries' optimizer: they stand apart from the classifier's. */
export function adversaryScalar(name: string): string {
  return `adversaries/${name}`;
}

/**
 * Three updates in one graph. Later passes take parameters that earlier updates make; while losses are differentiated these are
 * inputs, so that no gradient flows through an update.
 *
 * Batch normalization takes its statistics from each pass by itself in the generator and the discriminator, which see real
 * and made images apart, as DCGAN has it; the classifier sees them stacked, as in Outlier Exposure, and its averages do not
 * move where it only judges made images for the generator.
 *
 * @throws OutlierExposureError `unsupported` for models that do not fit each other or cannot be trained
 */
export async function compileAdversarialStep(
  given: AdversarialModels,
  { beta, optimizer, adversaries, batch, runtime }: AdversarialStepOptions,
): Promise<AdversarialStep> {
  checkBatch(batch);
  const models = { ...given, classifier: upgradeModel(withOwnWeights(given.classifier)) };
  const graph = new Graph('adversarial-step');
  const image = imageShape(models);
  const latentShape = [batch.outliers, latentSize(models.generator)] as const;
  checkFit(models.generator, image);
  const real = graph.addInput('pixels', 'float32', [batch.inliers, ...image]);
  const labels = graph.addInput('labels', 'int64', [batch.inliers]);
  const latents = ['latent', 'latent/classifier'] as const;
  const [z, further] = latents.map((name) => graph.addInput(name, 'float32', latentShape)) as [
    string,
    string,
  ];
  const discriminator = new Trainee(graph, 'discriminator', models.discriminator);
  const generator = new Trainee(graph, 'generator', models.generator);
  const classifier = new Trainee(graph, 'classifier', models.classifier);

  const before = { parameters: 'before', averages: 'moving' } as const;
  const updated = { parameters: 'updated', averages: 'moving' } as const;
  const made = generator.pass(z, before);
  const realnessOfReal = discriminator.pass(real, before);
  const realnessOfMade = discriminator.pass(made, before);
  const realnessAfter = discriminator.pass(made, updated);
  const madeAfter = generator.pass(further, updated);
  const stacked = graph.add('Concat', [real, madeAfter], { axis: 0 });
  const logits = classifier.pass(stacked, before);
  const judged = classifier.pass(made, { parameters: 'before', averages: 'kept' });

  const forwardTypes = await foldShapes(graph, runtime);
  poolByPhases(graph, forwardTypes);
  const statistics = new Map(trainingMode(graph, forwardTypes).map(({ name, next }) => [name, next]));
  const classes = classesOf(logits, forwardTypes);
  const part = (from: number, to: number) =>
    graph.add('Slice', [logits, graph.ints([from]), graph.ints([to]), graph.ints([0])]);
  const inlierLogits = part(0, batch.inliers);
  const outlierLogits = part(batch.inliers, batch.inliers + batch.outliers);
  const ofClassifier = syntheticOutliers({ beta }).build({
    graph,
    inlierLogits,
    outlierLogits,
    labels,
    classes,
  });
  const ofDiscriminator = discriminatorLoss(graph, { real: realnessOfReal, made: realnessOfMade });
  const ofGenerator = generatorLoss(graph, { realness: realnessAfter, logits: judged, classes, beta });
  const losses: Record<string, string> = {
    loss: ofClassifier.loss,
    ...ofClassifier.parts,
    accuracy: accuracyOf(graph, inlierLogits, labels),
    discriminator: ofDiscriminator,
    generator: ofGenerator.loss,
    deception: ofGenerator.deception,
  };
  for (const [name, value] of Object.entries(losses))
    graph.addOutput(graph.add('Identity', [value], {}, { name: stepValue(name) }));

  const abilities = await abilitiesOf(runtime);
  const types = await inferTypes(graph, runtime);
  const own = { optimizer, scalars: scalarInputs(graph, optimizer, (name) => name) };
  const theirs = { optimizer: adversaries, scalars: scalarInputs(graph, adversaries, adversaryScalar) };
  const common = { types, abilities, statistics };
  const updates = [
    discriminator.update(ofDiscriminator, { ...common, ...theirs }),
    generator.update(ofGenerator.loss, { ...common, ...theirs }),
    classifier.update(ofClassifier.loss, { ...common, ...own }),
  ];
  if (abilities.device === 'cpu') transposedProducts(graph, types);
  blockConvolutions(graph, types, abilities.block);
  connect(graph, new Map(updates.flatMap(({ links }) => [...links])));
  removeUnused(graph);

  return {
    model: writeModel(createModel(graph)),
    variables: updates.flatMap(({ variables }) => variables),
    inputs: {
      pixels: real,
      labels,
      dropoutSeed: graph.inputs.has(DROPOUT_SEED) ? DROPOUT_SEED : undefined,
    },
    batchShape: staticShape(graph.inputs.get(real))!,
    classes,
    losses: Object.keys(losses),
    parameters: [...classifier.variables.keys()],
    latents,
    latentShape,
    variablesOf: {
      classifier: classifier.variables,
      generator: generator.variables,
      discriminator: discriminator.variables,
    },
  };
}

function checkBatch(batch: AdversarialStepOptions['batch']): void {
  const { inliers, outliers } = batch;
  // Batch normalization needs more than one value.
  if ([inliers, outliers].every((count) => Number.isSafeInteger(count) && count >= 2)) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `A batch of ${inliers} real and ${outliers} made images cannot be trained on: give whole numbers of at least 2.`,
  );
}

/** Channels, height and width of the images that the classifier takes. */
function imageShape({ classifier }: AdversarialModels): number[] {
  const { pixels } = endsOf(classifier.graph);
  const [, ...image] = classifier.graph.inputs.get(pixels)!.shape ?? [];
  if (image.length === 3 && image.every((size) => typeof size === 'number')) return image as number[];
  throw new OutlierExposureError(
    'unsupported',
    `Synthetic outliers are images of one size, but the classifier's input "${pixels}" is [${['batch', ...image.map((size) => size ?? '?')].join(', ')}]: export it for images of a fixed size.`,
  );
}

function checkFit({ graph }: Model, wanted: readonly number[]): void {
  const [, ...made] = [...graph.outputs.values()][0]?.shape ?? [];
  if (String(made) === String(wanted)) return;
  throw new OutlierExposureError(
    'unsupported',
    `The generator makes images of the shape [${made.map((size) => size ?? '?').join(', ')}], but the classifier takes [${wanted.join(', ')}]: build one with the same side and channels.`,
  );
}
