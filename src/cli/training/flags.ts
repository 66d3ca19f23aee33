/** The flags of `oe train` and `oe tune`, derived from the settings. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  defaultOf,
  type ExampleKind,
  flagOf,
  type ResolvedSettings,
  resolveSettings,
  type SettingName,
  type Settings,
  settingOf,
  settingsOf,
  type TrainingCommand,
} from '../../config/index.ts';
import { readConfiguration } from '../../config/node/read.ts';

/** What the two commands are told beside their settings. */
export interface RunFlags {
  config?: string;
  resume?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  json?: boolean;
  strict?: boolean;
}

/** Adds a flag for each setting of the command, and those about how it runs. */
export function addFlags(command: Command, name: TrainingCommand): Command {
  for (const setting of settingsOf(name)) command.addOption(optionOf(setting, name));
  return command
    .option('--config <file>', 'settings from a YAML or JSON file; flags win over it')
    .option(
      '--strict',
      'refuse outliers that the training or validation examples hold too (default: a warning)',
    )
    .option('--resume', 'go on with a run that was interrupted, from its last checkpoint')
    .addOption(new Option('--quiet', 'show no progress').conflicts('verbose'))
    .option('--verbose', 'keep a line for every epoch')
    .option('--json', 'print the record of the training as JSON on standard output, and nothing else');
}

function optionOf(name: SettingName, command: TrainingCommand): Option {
  const { kind, description, otherwise, required, withObjective = {} } = settingOf(name);
  const usual = defaultOf(name, command) ?? otherwise;
  const ofTexts = defaultOf(name, command, 'texts');
  const others = Object.entries(withObjective).map(([objective, each]) => `; ${objective}: ${each}`);
  const both = ofTexts === undefined || ofTexts === usual ? usual : `${usual}; texts: ${ofTexts}`;
  const value = both === undefined ? both : `${both}${others.join('')}`;
  const needed = required === 'both' || required === command;
  const text = `${description}${needed ? ' (needed)' : value === undefined ? '' : ` (default: ${value})`}`;
  const option = new Option(`${flagOf(name)} ${kind.placeholder}`, text);
  if (kind.names) return option.choices(kind.names);
  if (option.variadic) return option;
  return option.argParser((given: string) => {
    const read = kind.schema.safeParse(kind.read(given));
    if (!read.success) throw new InvalidArgumentError(`It must be ${kind.expected}.`);
    return read.data;
  });
}

/**
 * The settings that a command runs with, from its flags and its configuration file.
 *
 * @param kindOf what is trained on, as the flags and the file tell it
 */
export async function settingsFrom<Command extends TrainingCommand>(
  command: Command,
  options: RunFlags & Settings,
  kindOf: (given: Settings) => ExampleKind | Promise<ExampleKind>,
): Promise<ResolvedSettings<Command>> {
  const file = options.config === undefined ? {} : await readConfiguration(options.config, command);
  const kind = await kindOf({ ...file, ...options });
  return resolveSettings(command, { flags: options, file, kind });
}
