/** docs/configuration.md, derived from the settings. */
import { defaultOf, flagOf, settingNames, settingOf } from './lookup.ts';
import { type ExampleKind, GROUPS, type SettingName, type TrainingCommand } from './settings.ts';

const COMMANDS: readonly TrainingCommand[] = ['train', 'tune'];

const HEAD = `# Settings of a training run

\`oe train\` and \`oe tune\` take each setting as a flag, or from a file (\`--config run.yaml\`, YAML or JSON); a flag wins over
the file. Relative paths in a file are taken from the file's own folder. A name or value that cannot be is refused with its
line and what was probably meant. The record beside the model (\`.training.json\`) holds every setting as it was.

\`\`\`yaml
# run.yaml: oe train --config run.yaml
arch: wrn-16-2
in: [train-1.npy, train-2.npy]
labels: labels.npy
outliers: tiny-images.npy
validationSplit: 0.1
epochs: 20
augment: crop-flip
out: model.onnx
\`\`\`

Defaults are the paper's on CIFAR, where it has any; with the network gru, or a classifier of texts, those of its experiments with texts.
`;

/** The whole page, in Markdown. */
export function configurationPage(): string {
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const rows = settingNames.filter((name) => settingOf(name).group === group).map(rowOf);
    return [
      `## ${title}`,
      '',
      '| setting, flag | what it is | value | default |',
      '| --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
  });
  return [HEAD, ...groups].join('\n');
}

function rowOf(name: SettingName): string {
  const { description, kind, only, of, objective } = settingOf(name);
  const limits = [only, of, objective].filter((limit) => limit !== undefined);
  const sentence = `${limits.length > 0 ? `(${limits.join(', ')} only) ` : ''}${description}`;
  return `| \`${name}\`<br>\`${flagOf(name)}\` | ${sentence} | ${kind.expected} | ${defaultText(name)} |`;
}

function defaultText(name: SettingName): string {
  const { otherwise, required, only, texts, withObjective = {} } = settingOf(name);
  const commands = only ? [only] : COMMANDS;
  const needed = commands.filter((command) => required === 'both' || required === command);
  if (needed.length === commands.length) return 'needed';
  if (needed.length > 0) return `needed by ${needed.join(', ')}`;
  const valuesFor = (kind: ExampleKind): string => {
    const values = commands.map((command) => defaultOf(name, command, kind));
    if (values[0] === undefined) return otherwise ?? 'none';
    if (new Set(values).size === 1) return `\`${values[0]}\``;
    return commands.map((command, i) => `${command} \`${values[i]}\``).join(', ');
  };
  const others = Object.entries(withObjective).map(([objective, value]) => `; ${objective}: \`${value}\``);
  const usual =
    texts === undefined ? valuesFor('images') : `${valuesFor('images')}; texts: ${valuesFor('texts')}`;
  return `${usual}${others.join('')}`;
}
