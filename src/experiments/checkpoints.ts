/**
 * Checkpoints of an experiment in a folder: one file for each model, replaced whole, and the settings that they
 * belong to. Node only.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { type CheckpointStore, decodeCheckpoint, encodeCheckpoint } from '../training/index.ts';

/** What decides a training's bits; a run goes on only under the same. */
export type RunSettings = Record<string, string | number | null>;

/** Opens the store of a model, once the experiment knows its settings. */
export type OpenCheckpoints = (
  settings: RunSettings,
) => Promise<(seed: number, model: string) => CheckpointStore>;

export interface CheckpointFolderOptions {
  /**
   * Told when a run starts anew where an unfinished one left its checkpoints, which are thrown away.
   *
   * @param different the settings that differ, as a list for people; nothing when `'resume'` would have gone on
   */
  onDiscard?: (folder: string, different: string | undefined) => void;
}

const SETTINGS = 'settings.json';

/**
 * @param folder where the checkpoints lie
 * @param mode `'anew'` throws away what an earlier run left there; `'resume'` goes on from it
 * @param machine settings of the machine that decide bits too: threads
 * @throws OutlierExposureError when there is nothing to resume, or it was made under other settings
 */
export function checkpointFolder(
  folder: string,
  mode: 'anew' | 'resume',
  machine: RunSettings,
  { onDiscard }: CheckpointFolderOptions = {},
): OpenCheckpoints {
  return async (experiment) => {
    const settings = { ...experiment, ...machine };
    if (mode === 'resume') await compareSettings(folder, settings);
    else {
      if (onDiscard) await tellOfDiscarded(folder, settings, onDiscard);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(join(folder, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`);
    }
    return (seed, model) => fileCheckpointStore(join(folder, `seed-${seed}-${model}.safetensors`));
  };
}

/** Keeps the latest checkpoint in one file. */
export function fileCheckpointStore(path: string): CheckpointStore {
  return {
    async load() {
      try {
        return decodeCheckpoint(await readFileBounded(path, { what: 'checkpoint' }), { name: path });
      } catch (error) {
        if (error instanceof OutlierExposureError && error.code === 'not-found') return undefined;
        throw error;
      }
    },
    save: (checkpoint) => writeFileAtomic(path, encodeCheckpoint(checkpoint)),
  };
}

async function compareSettings(folder: string, settings: RunSettings): Promise<void> {
  let kept: RunSettings;
  try {
    kept = JSON.parse(new TextDecoder().decode(await readFileBounded(join(folder, SETTINGS)))) as RunSettings;
  } catch (error) {
    if (error instanceof OutlierExposureError && error.code === 'not-found') {
      throw new OutlierExposureError(
        'not-found',
        `There is nothing to resume in ${folder}: start the run without --resume.`,
      );
    }
    if (error instanceof SyntaxError) {
      throw new OutlierExposureError(
        'invalid-file',
        `${join(folder, SETTINGS)} is damaged: start the run anew, without --resume.`,
      );
    }
    throw error;
  }
  const list = differencesOf(kept, settings);
  if (list) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The run in ${folder} was started with other settings (${list}): use the same ones, or start anew without --resume.`,
    );
  }
}

function differencesOf(kept: RunSettings, settings: RunSettings): string | undefined {
  return (
    Object.keys({ ...kept, ...settings })
      .filter((key) => kept[key] !== settings[key])
      .map((key) => `${key} was ${kept[key] ?? 'not set'}, is now ${settings[key] ?? 'not set'}`)
      .join('; ') || undefined
  );
}

/** Says nothing of a folder without a checkpoint, or one that could not be gone on from. */
async function tellOfDiscarded(
  folder: string,
  settings: RunSettings,
  onDiscard: NonNullable<CheckpointFolderOptions['onDiscard']>,
): Promise<void> {
  const files = await readdir(folder).catch((): string[] => []);
  if (!files.some((name) => name.endsWith('.safetensors'))) return;
  try {
    const text = new TextDecoder().decode(await readFileBounded(join(folder, SETTINGS)));
    onDiscard(folder, differencesOf(JSON.parse(text) as RunSettings, settings));
  } catch (error) {
    if (!(error instanceof OutlierExposureError || error instanceof SyntaxError)) throw error;
  }
}
