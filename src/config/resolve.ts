/** The settings that a command runs with: flags over the file, defaults for the rest. */
import { OutlierExposureError } from '../errors.ts';
import type { ObjectiveName } from '../objectives/index.ts';
import { defaultOf, flagOf, settingOf, settingsOf } from './lookup.ts';
import type { ExampleKind, SettingName, Settings, settings, TrainingCommand } from './settings.ts';

type Sure<Command extends TrainingCommand> = { default: unknown } | { required: 'both' | Command };

/**
 * The settings of one command by name; those that may be without a value are undefined then, and so are those for the
 * other kind of examples.
 */
export type ResolvedSettings<Command extends TrainingCommand> = {
  [Name in SettingName as (typeof settings)[Name] extends { only: Exclude<TrainingCommand, Command> }
    ? never
    : Name]: (typeof settings)[Name] extends Sure<Command>
    ? NonNullable<Settings[Name]>
    : Settings[Name] | undefined;
};

/** What both commands are told. */
export type SharedSettings = Pick<
  ResolvedSettings<'train'>,
  keyof ResolvedSettings<'train'> & keyof ResolvedSettings<'tune'>
>;

/**
 * Lays flags over a file's settings and fills in the defaults.
 *
 * @param kind what is trained on: it decides some defaults, and which settings there are
 * @throws OutlierExposureError `invalid-argument` when a setting that the command needs is missing, or one is given that
 *   is for examples of the other kind, or for another objective
 */
export function resolveSettings<Command extends TrainingCommand>(
  command: Command,
  { flags, file, kind = 'images' }: { flags: Settings; file: Settings; kind?: ExampleKind },
): ResolvedSettings<Command> {
  const resolved: Record<string, unknown> = {};
  for (const name of settingsOf(command)) {
    const { required, description, of, objective, withObjective } = settingOf(name);
    const chosen = resolved.objective as ObjectiveName;
    const given = flags[name] ?? file[name];
    if (of !== undefined && of !== kind) {
      if (given !== undefined) {
        throw new OutlierExposureError(
          'invalid-argument',
          `${flagOf(name)} is for ${of}, but the classifier takes ${kind}: leave it out.`,
        );
      }
      continue;
    }
    if (objective !== undefined && objective !== chosen) {
      if (given === undefined) continue;
      throw new OutlierExposureError(
        'invalid-argument',
        `${flagOf(name)} is for the objective ${objective}, but this is ${chosen}: leave it out, or choose --objective ${objective}.`,
      );
    }
    const value = given ?? withObjective?.[chosen] ?? defaultOf(name, command, kind);
    if (value === undefined && (required === 'both' || required === command)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `oe ${command} needs ${flagOf(name)} (or "${name}" in the configuration file): ${description}.`,
      );
    }
    resolved[name] = value;
  }
  return resolved as ResolvedSettings<Command>;
}
