/** `oe ensemble`: several classifiers as one model, which every other command takes. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { ensembleOf } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { type Model, type TensorType, writeModel } from '../onnx/index.ts';
import { readClassifier } from './models.ts';

interface EnsembleOptions {
  out: string;
  json?: boolean;
}

export function ensembleCommand(): Command {
  return new Command('ensemble')
    .description('Put several classifiers into one, which answers with the mean of their probabilities.')
    .argument('<models...>', 'the classifiers (.onnx), all for the same input and the same classes')
    .requiredOption('--out <file>', 'the model to write, .onnx; every command takes it like any other')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nDetectors on logits (msp, energy, entropy, …) score the mean; those on features need one last linear layer, which an\nensemble does not have.\n\nExamples:\n  $ oe ensemble seed1.onnx seed2.onnx seed3.onnx --out ensemble.onnx\n  $ oe eval --model seed1.onnx ensemble.onnx --in test/ --ood others/ --detector msp entropy',
    )
    .action(ensemble);
}

async function ensemble(paths: string[], { out, json }: EnsembleOptions): Promise<void> {
  if (paths.length < 2) {
    throw new OutlierExposureError(
      'invalid-argument',
      `An ensemble of ${paths[0]} alone is that model itself: name two models or more.`,
    );
  }
  const members: { path: string; sha256: string; model: Model }[] = [];
  for (const path of paths) {
    const { logits, sha256 } = await readClassifier(path);
    members.push({ path, sha256, model: logits });
  }
  const model = ensembleOf(members.map((member) => member.model));
  // Of its members, not of the whole.
  model.metadata.delete('architecture');
  model.metadata.set(
    'ensemble.members',
    JSON.stringify(members.map(({ path, sha256 }) => ({ name: basename(path), sha256 }))),
  );
  await writeFileAtomic(out, writeModel(model));
  const [input] = model.graph.inputs.values();
  const output = model.graph.outputs.get('logits');
  const summary = {
    members: members.map(({ path, sha256 }) => ({ path, sha256 })),
    input: input?.shape ?? null,
    output: output?.shape ?? null,
    out,
  };
  process.stdout.write(
    json
      ? `${JSON.stringify(summary)}\n`
      : `${out}: ${members.length} models as one, ${sizes(input)} to logits ${sizes(output)}; it answers with the mean of their probabilities.\n`,
  );
}

function sizes(type: TensorType | undefined): string {
  return `[${(type?.shape ?? []).map((size) => size ?? '?').join(', ')}]`;
}
