/** Settings of training runs: what there is, from files and flags, and their documentation. */
export { configurationPage } from './document.ts';
export { configurationSchema, defaultOf, flagOf, settingNames, settingOf, settingsOf } from './lookup.ts';
export { parseConfiguration } from './parse.ts';
export { type ResolvedSettings, resolveSettings, type SharedSettings } from './resolve.ts';
export {
  type ExampleKind,
  type Setting,
  type SettingName,
  type Settings,
  settings,
  type TrainingCommand,
} from './settings.ts';
