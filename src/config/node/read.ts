/** Settings from a file. Node only. */
import { dirname, isAbsolute, join } from 'node:path';
import { isMade } from '../../data/synthetic-outliers/index.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { settingOf, settingsOf } from '../lookup.ts';
import { MAX_CONFIGURATION_BYTES, parseConfiguration } from '../parse.ts';
import type { SettingName, Settings, TrainingCommand } from '../settings.ts';

/** Reads a configuration file; paths in it are taken from the file's own folder, so that the two travel together. */
export async function readConfiguration(path: string, command: TrainingCommand): Promise<Settings> {
  const bytes = await readFileBounded(path, {
    what: 'configuration file',
    maxBytes: MAX_CONFIGURATION_BYTES,
  });
  const values = parseConfiguration(new TextDecoder().decode(bytes), { name: path, command });
  const folder = dirname(path);
  const placed = (each: string): string => {
    if (!isMade(each)) return isAbsolute(each) ? each : join(folder, each);
    // Made outliers have no file, unless they name what they are made with.
    const [, kind, file] = /^([^=]*=)(.+)$/s.exec(each) ?? [];
    return file === undefined ? each : `${kind}${placed(file)}`;
  };
  for (const name of settingsOf(command)) {
    const value = values[name];
    if (value === undefined || !holdsPaths(name)) continue;
    Object.assign(values, {
      [name]: Array.isArray(value) ? value.map((each) => placed(String(each))) : placed(String(value)),
    });
  }
  return values;
}

function holdsPaths(name: SettingName): boolean {
  return ['<file>', '<path...>'].includes(settingOf(name).kind.placeholder);
}
