/**
 * Every setting of a training run, once: its kind, what it is for, and its defaults. The schema of configuration files,
 * the flags of `oe train` and `oe tune` with their help, and docs/configuration.md all derive from this.
 */
import type { z } from 'zod';
import { dataSettings } from './settings/data.ts';
import { modelSettings } from './settings/model.ts';
import { outputSettings } from './settings/output.ts';
import { trainingSettings } from './settings/training.ts';

export { type ExampleKind, GROUPS, type Setting, type TrainingCommand } from './setting.ts';

export const settings = { ...modelSettings, ...dataSettings, ...trainingSettings, ...outputSettings };

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]?: z.infer<(typeof settings)[Name]['kind']['schema']> };
