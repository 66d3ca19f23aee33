/** `oe inspect`: what a model is, and what can be done with it. */
import { Command } from 'commander';
import { type Inspection, inspectModel } from '../classifier/index.ts';
import { readModelFile } from '../onnx/node/index.ts';
import { terminalTable } from './terminal-table.ts';

interface InspectOptions {
  parameters?: boolean;
  json?: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Look an ONNX model over: its operators and their gradients, what trains, and what works with it.',
    )
    .argument('<model>', 'the model, .onnx')
    .option('--parameters', 'list what training would change, by name; --freeze of oe tune takes these names')
    .option('--json', 'print JSON, the parameters included')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe inspect model.onnx\n  $ oe inspect model.onnx --parameters\n  $ oe inspect model.onnx --json > model.json\n\ndocs/your-own-model.md says what works.',
    )
    .action(inspect);
}

async function inspect(path: string, { parameters, json }: InspectOptions): Promise<void> {
  const { model, sha256 } = await readModelFile(path);
  const found = inspectModel(model);
  if (json) process.stdout.write(`${JSON.stringify({ path, sha256, ...found })}\n`);
  else process.stdout.write(`${inWords(path, found, parameters ? 'with parameters' : 'summary')}\n`);
}

/** More metadata than this is told by its length. */
const LONGEST = 60;

function inWords(path: string, found: Inspection, extent: 'summary' | 'with parameters'): string {
  const typed = ({ name, elementType, shape }: Inspection['inputs'][number]) =>
    `${name}: ${elementType} ${shape ? `[${shape.map((dimension) => dimension ?? '?').join(', ')}]` : 'of unknown shape'}`;
  const count = (number: number) => number.toLocaleString('en-US');
  const { features, logits, classes } = found;
  const domains = Object.entries(found.domains).map(([domain, version]) => `${domain} ${version}`);
  const lines: [string, string][] = [
    ['operator set', [found.opset ?? 'unknown', ...domains].join(', ')],
    ...found.inputs.map((input): [string, string] => ['input', typed(input)]),
    ...found.outputs.map((output): [string, string] => ['output', typed(output)]),
    [
      'logits',
      logits ? `${logits}${found.endsInSoftmax ? ' (a Softmax behind it is left out)' : ''}` : 'not found',
    ],
    ['classes', classes === null ? 'not known' : String(classes)],
    [
      'features',
      features ? `${features.name}${features.width ? `, ${features.width} wide` : ''}` : 'not found',
    ],
    [
      'trains',
      `${count(found.parameterCount)} numbers in ${count(found.parameters.length)} initializers; ${count(found.otherInitializers)} others stay`,
    ],
    ['batch normalization', count(found.batchNormalizations)],
    ['dropout', count(found.dropouts)],
    ...Object.entries(found.metadata).map(([key, value]): [string, string] => [
      `metadata ${key}`,
      value.length > LONGEST ? `${count(value.length)} characters` : JSON.stringify(value),
    ]),
  ];
  const abilities = {
    'oe tune': found.tune,
    'oe score, oe eval': found.score,
    'detectors on logits': found.detectors.logits,
    'detectors on features': found.detectors.features,
  };
  const width = Math.max(
    ...[...lines.map(([label]) => label), ...Object.keys(abilities)].map(({ length }) => length),
  );
  const row = (label: string, text: string) => `${label.padEnd(width)}  ${text}`;
  const operators = terminalTable({
    title: 'Operators',
    header: ['operator', 'nodes', 'gradient'],
    rows: found.operators.map(({ name, count: nodes, gradient }) => [name, count(nodes), gradient]),
    footer: 0,
    notes: [],
  });
  const listed = found.parameters.map(
    ({ name, shape, elementType }) => `  ${name}  ${elementType} [${shape.join(', ')}]`,
  );
  return [
    path,
    ...lines.map(([label, text]) => row(label, text)),
    '',
    operators,
    '',
    'What works',
    ...Object.entries(abilities).map(([label, { works, why }]) => row(label, works ? 'yes' : `no: ${why}`)),
    ...(extent === 'with parameters' ? ['', 'What training would change', ...listed] : []),
  ].join('\n');
}
