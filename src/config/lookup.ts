/** Questions about the settings: which there are, what they are called, and what they are without a value. */
import { z } from 'zod';
import {
  type ExampleKind,
  type Setting,
  type SettingName,
  settings,
  type TrainingCommand,
} from './settings.ts';

/** The settings that a command takes, in their order. */
export function settingsOf(command: TrainingCommand): SettingName[] {
  return settingNames.filter((name) => [undefined, command].includes(settingOf(name).only));
}

export const settingNames = Object.keys(settings) as SettingName[];

/** A setting by its name, without the types of its values. */
export function settingOf(name: SettingName): Setting {
  return settings[name];
}

/** The value that a command takes where none is given; nothing when there is no fixed one. */
export function defaultOf(
  name: SettingName,
  command: TrainingCommand,
  kind: ExampleKind = 'images',
): string | number | undefined {
  const { default: usual, texts = usual } = settingOf(name);
  const value = kind === 'texts' ? texts : usual;
  return typeof value === 'object' ? value[command] : value;
}

/** A setting's flag: `learningRate` is `--learning-rate`. */
export function flagOf(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A configuration file as a schema: every setting is optional, and nothing else is known. */
export const configurationSchema = z.strictObject(
  Object.fromEntries(
    settingNames.map((name) => {
      const { kind, description } = settingOf(name);
      return [name, kind.schema.describe(description).optional()];
    }),
  ),
);
