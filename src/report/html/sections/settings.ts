/** How it was made, and how to make it again. */
import type { ExperimentResults } from '../../../experiments/results.ts';
import type { Run } from '../../run.ts';
import type { Section } from '../page.ts';
import { table } from '../table.ts';
import { html } from '../template.ts';
import { capital, count, duration, modelTitle, setTitle, share, thingOf } from '../words.ts';

export function settingsSection({ results }: Run): Section {
  const { config, seeds, draws, data, versions, machine, durations, training } = results;
  const { many: things } = thingOf(results);
  return {
    id: 'settings',
    title: 'How it was made, and how to make it again',
    short: 'Make it again',
    body: html`<p>The same command with the same versions, machine and number of threads gives the same numbers:</p>
<pre><code>${commandOf(results)}</code></pre>
<p>In a copy of the source, write <code>npm run oe --</code> for <code>oe</code>. From the folder of this run,
<code>oe report FOLDER</code> makes this page again, and <code>oe metrics --in …/in.npy --out …/SET.npy</code> the numbers of a pair
of files under <code>scores/</code>.</p>
${table({
  caption: 'Settings',
  header: ['Setting', 'Value'],
  text: [1],
  rows: [
    ['Started', results.startedAt],
    [seeds.length > 1 ? 'Seeds' : 'Seed', seeds.join(', ')],
    ['Draws of strangers for each model', draws],
    ...settingsOf(config).map(([name, value]) => [name, value] as const),
  ],
})}
${table({
  caption: `Data. A fingerprint changes when the ${things} do: the SHA-256 of files, or a recipe with its seed.`,
  header: ['Set', 'Part it plays', capital(things), 'Fingerprint'],
  text: [1, 3],
  rows: data.map(({ name, role, count: size, fingerprint }) => [
    setTitle(name),
    role,
    count(size),
    html`<span class="mono">${fingerprint}</span>`,
  ]),
})}
${
  training.length > 0 &&
  table({
    caption: 'Training',
    header: ['Model', 'Seed', 'Took', 'Waiting for data'],
    rows: training.map(({ model, seed, seconds, stallShare }) => [
      modelTitle(model),
      seed,
      duration(seconds),
      share(stallShare),
    ]),
  })
}
<div class="pair">
${table({
  caption: 'Versions',
  header: ['Software', 'Version'],
  text: [1],
  rows: Object.entries(versions),
})}
${table({
  caption: 'Machine and time',
  header: ['What', 'Value'],
  text: [1],
  rows: [
    ['Processor', machine.cpu],
    ['Cores', machine.cores],
    ['Memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['System', machine.os],
    ...Object.entries(durations).map(([name, seconds]) => [`Time: ${name}`, duration(seconds)] as const),
    ['Most memory used', `${(results.peakMemoryBytes / 1e6).toFixed(0)} MB`],
  ],
})}
</div>`,
  };
}

/** The settings as pairs, with nested ones by path. */
export function settingsOf(config: Record<string, unknown>, prefix = ''): [name: string, value: string][] {
  return Object.entries(config).flatMap(([name, value]): [string, string][] => {
    const path = prefix ? `${prefix}.${name}` : name;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return settingsOf(value as Record<string, unknown>, path);
    }
    return [[path, value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)]];
  });
}

/** The command that makes this run again. */
export function commandOf({ experiment, config, flags, seeds, draws, models }: ExperimentResults): string {
  const words = ['oe', 'reproduce', experiment, ...(flags ?? flagsFrom(config, models))];
  words.push('--seed', String(seeds[0]), '--seeds', String(seeds.length), '--draws', String(draws));
  return words.map(quoted).join(' ');
}

/** For results that do not say which flags made them. */
function flagsFrom(config: ExperimentResults['config'], models: ExperimentResults['models']): string[] {
  const words: string[] = [];
  if (config.size === 'quick') words.push('--quick');
  if (models.some(({ name }) => name === 'oe-scratch')) words.push('--scratch');
  if (typeof config.outliers === 'string') words.push('--outliers', config.outliers);
  if (typeof config.folder === 'string') words.push('--data', config.folder);
  return words;
}

/** A word of a command, as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
