/** A model that answers: probabilities of its classes, and how strange an example looks to it. */
import {
  type ExampleSet,
  endsOf,
  type Model,
  mspScore,
  type Runtime,
  readLogits,
  type Session,
  writeModel,
} from 'outlier-exposure';

export interface Answer {
  /** Of each class; their sum is 1. */
  probabilities: Float32Array;
  /** The likeliest class. */
  best: number;
  /** −max p; higher = more anomalous. */
  score: number;
}

export interface Classifier {
  model: Model;
  answer(set: ExampleSet, index: number): Promise<Answer>;
  /** Scores of a set by MSP: of all of it, or of its first examples. */
  scores(set: ExampleSet, most?: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export async function openClassifier(model: Model, runtime: Runtime): Promise<Classifier> {
  const { pixels, logits } = endsOf(model.graph);
  const session: Session = await runtime.createSession(writeModel(model));
  const read = (set: ExampleSet, indices: Uint32Array) =>
    readLogits(session, { pixels, logits }, set, indices, () => {});
  return {
    model,
    async answer(set, index) {
      const found = await read(set, Uint32Array.of(index));
      const probabilities = softmax(found.logits);
      const best = probabilities.indexOf(Math.max(...probabilities));
      return { probabilities, best, score: mspScore(found.logits, found.classes)[0]! };
    },
    async scores(set, most = set.length) {
      const found = await read(
        set,
        Uint32Array.from({ length: Math.min(most, set.length) }, (_, i) => i),
      );
      return mspScore(found.logits, found.classes);
    },
    release: () => session.release(),
  };
}

function softmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
