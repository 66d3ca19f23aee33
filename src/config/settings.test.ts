import { describe, expect, it } from 'vitest';
import { configurationPage } from './document.ts';
import { defaultOf, flagOf, settingNames, settingOf, settingsOf } from './lookup.ts';
import type { TrainingCommand } from './settings.ts';

const COMMANDS: TrainingCommand[] = ['train', 'tune'];

describe('settings', () => {
  it.each(settingNames)(
    '%s has a default that its own schema takes, or says what happens without',
    (name) => {
      const { kind, required, otherwise, only } = settingOf(name);
      for (const command of only ? [only] : COMMANDS) {
        const value = defaultOf(name, command);
        const ofTexts = defaultOf(name, command, 'texts');
        if (ofTexts !== undefined) expect(kind.schema.safeParse(ofTexts).success).toBe(true);
        if (value !== undefined) expect(kind.schema.safeParse(value).success).toBe(true);
        expect(required !== undefined && value !== undefined).toBe(false);
        expect(otherwise !== undefined && value !== undefined).toBe(false);
      }
    },
  );

  it('reads from a flag what it reads from a file', () => {
    const read = (name: (typeof settingNames)[number], text: string) =>
      settingOf(name).kind.schema.safeParse(settingOf(name).kind.read(text)).data;
    expect(read('epochs', '12')).toBe(12);
    expect(read('learningRate', '1e-3')).toBe(0.001);
    expect(read('mean', '0.1,0.2,0.3')).toEqual([0.1, 0.2, 0.3]);
    expect(read('augment', 'crop-flip')).toBe('crop-flip');
    for (const text of ['', ' ', 'ten', '1.5', '0', '-3', 'NaN', 'Infinity']) {
      expect(read('epochs', text), text).toBeUndefined();
    }
    for (const text of ['', '1', '-0.1', 'NaN']) expect(read('validationSplit', text), text).toBeUndefined();
    for (const text of ['', '1,,2', '1,b', '0,1']) expect(read('std', text), text).toBeUndefined();
  });

  it('are named by their flags', () => {
    expect(flagOf('learningRate')).toBe('--learning-rate');
    expect(new Set(settingNames.map(flagOf)).size).toBe(settingNames.length);
  });

  it("are the paper's for texts", () => {
    const texts = (name: (typeof settingNames)[number]) =>
      COMMANDS.map((each) => defaultOf(name, each, 'texts'));
    expect(texts('epochs')).toEqual([5, 2]);
    expect([texts('lambda'), texts('batch'), texts('weightDecay')]).toEqual([
      [1, 1],
      [64, 64],
      [0, 0],
    ]);
    expect(texts('seed')).toEqual([1, 1]);
  });

  it('stand in the documentation as they are', async () => {
    // After a change: npx vitest run src/config -u
    await expect(configurationPage()).toMatchFileSnapshot('../../docs/configuration.md');
    for (const name of settingNames) expect(configurationPage()).toContain(`\`${flagOf(name)}\``);
  });

  it('are not all for both commands', () => {
    expect(settingsOf('train')).not.toContain('model');
    expect(settingsOf('tune')).not.toContain('arch');
  });
});
