/** results.md: the tables, what the numbers mean, and how they were made. */
import type { ExperimentResults } from '../experiments/results.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { detectionTable, errorTable, scoresOf, type Table, validationTable } from './tables.ts';

export function markdownReport(results: ExperimentResults): string {
  const { config, seeds, draws, machine, versions, durations, training, data, published } = results;
  const tables = [
    errorTable(results),
    ...scoresOf(results).map((score) => detectionTable(results, score)),
    ...scoresOf(results)
      .filter((score) => results.validationRows.some((row) => row.score === score))
      .map((score) => validationTable(results, score)),
  ];
  return [
    `# ${results.title}`,
    `Percentages; the arrow runs over the models ${results.models.map(({ name }) => name).join(', ')}.`,
    Object.values(METRIC_DEFINITIONS)
      .map((definition) => `- ${definition}`)
      .join('\n'),
    ...tables.map(markdownTable),
    ...(results.notes?.length ? [results.notes.map((note) => `- ${note}`).join('\n')] : []),
    '## How it was made',
    [
      `- Started ${results.startedAt}; seeds ${seeds.join(', ')}; ${draws} draw${draws === 1 ? '' : 's'} of outliers for each model.`,
      `- Settings: \`${JSON.stringify(config)}\``,
      `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.os}.`,
      `- Versions: ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
      `- Seconds: ${Object.entries(durations)
        .map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`)
        .join(', ')}; peak memory ${(results.peakMemoryBytes / 1e6).toFixed(0)} MB.`,
      `- Published numbers: ${published.source}.`,
    ].join('\n'),
    markdownTable({
      title: 'Training',
      header: ['seed', 'model', 'seconds', 'waiting for data'],
      rows: training.map((run) => [
        String(run.seed),
        run.model,
        run.seconds.toFixed(1),
        `${(100 * run.stallShare).toFixed(2)} %`,
      ]),
      footer: 0,
      notes: [],
    }),
    markdownTable({
      title: 'Data',
      header: ['set', 'role', 'examples', 'fingerprint'],
      rows: data.map((set) => [set.name, set.role, String(set.count), `\`${set.fingerprint.slice(0, 80)}\``]),
      footer: 0,
      notes: [],
    }),
    '',
  ].join('\n\n');
}

function markdownTable({ title, header, rows, notes }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [
    line(header),
    line(header.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
  return [`## ${title}`, table, ...notes].join('\n\n');
}
