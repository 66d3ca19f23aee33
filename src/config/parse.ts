/** Configuration files: YAML, or JSON, which is YAML too. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { nearestName, OutlierExposureError } from '../errors.ts';
import { configurationSchema, flagOf, settingNames, settingOf, settingsOf } from './lookup.ts';
import type { SettingName, Settings, TrainingCommand } from './settings.ts';

/** A settings file of a run takes a few hundred bytes. */
export const MAX_CONFIGURATION_BYTES = 2 ** 20;

/**
 * Reads the settings in a configuration file's text.
 *
 * @param name what to call the file in errors
 * @param command whose settings they are; those of the other one are refused
 * @throws OutlierExposureError `invalid-file`, with the line: no YAML, an unknown setting, or a value that cannot be
 */
export function parseConfiguration(
  text: string,
  { name, command }: { name: string; command: TrainingCommand },
): Settings {
  const lines = new LineCounter();
  const fail = (offset: number | undefined, sentence: string): never => {
    const place = offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
    throw new OutlierExposureError('invalid-file', `${place}: ${sentence}`);
  };
  if (text.length > MAX_CONFIGURATION_BYTES) {
    return fail(undefined, `${text.length} characters are too many for a file of settings.`);
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const problem = document.errors[0];
  if (problem) return fail(problem.pos[0], `this is no YAML (nor JSON): ${firstSentence(problem.message)}`);
  if (document.contents === null) return {};
  if (!isMap(document.contents)) {
    return fail(document.contents.range?.[0], 'settings were expected, one a line, as in "epochs: 10".');
  }
  const offsets = new Map<string, number | undefined>();
  for (const { key } of document.contents.items) {
    if (isScalar(key)) offsets.set(String(key.value), key.range?.[0]);
  }
  const values = plainValues(() => document.toJS({ maxAliasCount: 100 }), fail);
  // A setting without a value is as good as none: `labels:`.
  for (const [key, value] of Object.entries(values)) if (value === null) delete values[key];
  for (const key of Object.keys(values))
    checkKey(key, command, (sentence) => fail(offsets.get(key), sentence));
  const parsed = configurationSchema.safeParse(values);
  if (parsed.success) return parsed.data as Settings;
  const key = String(parsed.error.issues[0]!.path[0]);
  return fail(offsets.get(key), valueSentence(key as SettingName, values[key], key));
}

/** Why a value is refused: `epochs is "ten", but it must be a whole number, 1 or more.` */
function valueSentence(name: SettingName, value: unknown, shownAs: string): string {
  const shown = JSON.stringify(value) ?? String(value);
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return `${shownAs} is ${short}, but it must be ${settingOf(name).kind.expected}.`;
}

function plainValues(
  read: () => unknown,
  fail: (offset: undefined, sentence: string) => never,
): Record<string, unknown> {
  try {
    return { ...(read() as Record<string, unknown>) };
  } catch (error) {
    return fail(undefined, `its aliases cannot be followed: ${firstSentence((error as Error).message)}`);
  }
}

function checkKey(key: string, command: TrainingCommand, fail: (sentence: string) => never): void {
  const known = settingsOf(command);
  if ((known as string[]).includes(key)) return;
  const other = (settingNames as string[]).includes(key) ? settingOf(key as SettingName).only : undefined;
  if (other) fail(`"${key}" is a setting of oe ${other}, not of oe ${command}.`);
  const near = nearestName(key, known);
  const spelled = known.find((each) => flagOf(each).slice(2) === key) ?? near;
  fail(`"${key}" is no setting${spelled ? `; did you mean "${spelled}"?` : '.'} Known: ${known.join(', ')}.`);
}

function firstSentence(message: string): string {
  const line = message.split('\n')[0]!.trim();
  return line.endsWith('.') ? line : `${line}.`;
}
