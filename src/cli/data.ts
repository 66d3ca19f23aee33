/** `oe data`: the data sets of the paper: list them, fetch them, check them, find them. */
import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import {
  bytesText,
  CATALOGUE,
  type DataSet,
  dataFolder,
  dataRoot,
  downloadBytes,
  type FetchedSet,
  type FetchProgress,
  fetchDataSet,
  findDataSet,
  howToGetSet,
  readCatalogue,
  type VerifiedSet,
  verifyDataSet,
} from '../data/node/catalogue/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { ExperimentProgress } from '../experiments/index.ts';
import { dedupCommand } from './dedup.ts';
import { interruptible } from './interruption.ts';
import { progressDisplay } from './progress.ts';
import { terminalTable } from './terminal-table.ts';

interface PlaceOptions {
  /** The folder of the sets. */
  from?: string;
  to?: string;
  catalogue?: string;
  json?: boolean;
  quiet?: boolean;
}

export function dataCommand(): Command {
  const command = new Command('data')
    .description('List, fetch, check and find the data sets of the paper.')
    .addHelpText(
      'after',
      '\nSets lie in $OE_DATA, or in ~/.cache/outlier-exposure/data, a folder each.\n\nExamples:\n  $ oe data list --kind image\n  $ oe data fetch cifar10 svhn textures\n  $ oe data dedup --outliers tiny/ --against test.npy --out cleaned.json',
    );
  command.addCommand(listCommand());
  command.addCommand(fetchCommand());
  command.addCommand(verifyCommand());
  command.addCommand(whereCommand());
  command.addCommand(dedupCommand());
  return command;
}

const jsonOption = () => new Option('--json', 'print JSON on standard output, and nothing else');
const quietOption = () => new Option('--quiet', 'show no progress');
const catalogueOption = () =>
  new Option('--catalogue <file>', 'sets from a file of your own, as "list --json" prints them: for mirrors');
const rootOption = (flags = '--from <folder>') =>
  new Option(flags, 'the folder of the sets (default: $OE_DATA, or data in the cache)');

/** Choices are for the help and for completion; findDataSet says which one was probably meant. */
const names = (syntax: string, what: string) =>
  new Argument(syntax, what)
    .choices(CATALOGUE.map(({ name }) => name))
    .argParser((name: string, earlier: string[] | undefined) => [...(earlier ?? []), name]);

function listCommand(): Command {
  return new Command('list')
    .description('List the sets: how large, what for, whether they are here.')
    .addOption(new Option('--kind <kind>', 'only images or only texts').choices(['image', 'text']))
    .addOption(rootOption())
    .addOption(catalogueOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ oe data list\n  $ oe data list --kind text --json')
    .action(list);
}

function fetchCommand(): Command {
  return new Command('fetch')
    .description('Download sets, check and unpack them. What was broken off goes on.')
    .addArgument(names('<names...>', 'which sets'))
    .addOption(rootOption('--to <folder>'))
    .addOption(catalogueOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe data fetch cifar10\n  $ oe data fetch svhn textures --to /data',
    )
    .action(fetchSets);
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('Compare the files of fetched sets with their checksums; exit code 2 when one differs.')
    .addArgument(names('[names...]', 'which sets (default: all that are here)'))
    .addOption(rootOption())
    .addOption(catalogueOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ oe data verify\n  $ oe data verify cifar10 --json')
    .action(verify);
}

function whereCommand(): Command {
  return new Command('where')
    .description('Print the folder of a set.')
    .addArgument(names('<name>', 'which set'))
    .addOption(rootOption())
    .addOption(catalogueOption())
    .addHelpText('after', '\nExamples:\n  $ oe data where cifar10\n  $ ls $(oe data where svhn)')
    .action(where);
}

async function list({ kind, ...options }: PlaceOptions & { kind?: DataSet['kind'] }): Promise<void> {
  const [sets, root] = [await catalogueOf(options), rootOf(options)];
  const chosen = sets.filter((set) => kind === undefined || set.kind === kind);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(chosen, undefined, 2)}\n`);
    return;
  }
  const table = {
    title: `Data sets, in ${root}`,
    header: ['name', 'set', 'for', 'download', 'here'],
    rows: chosen.map((set) => {
      const bytes = downloadBytes(set);
      return [
        set.name,
        set.title,
        set.roles.map((role) => ROLE_WORDS[role]).join(', '),
        set.manual !== undefined ? 'by hand' : bytes === undefined ? '?' : bytesText(bytes),
        dataFolder(set.name, root) === undefined ? '' : 'yes',
      ];
    }),
    footer: 0,
    notes: [
      'in: what a network is trained on. out: what it is exposed to. test: what it is tested on.',
      'oe data fetch NAME fetches one; list --json says all that is known of them.',
    ],
  };
  process.stdout.write(`${terminalTable(table, process.stdout.columns)}\n`);
}

const ROLE_WORDS = { in: 'in', outliers: 'out', test: 'test' };

async function fetchSets(wanted: string[], options: PlaceOptions): Promise<void> {
  const [catalogue, root] = [await catalogueOf(options), rootOf(options)];
  const sets = wanted.map((name) => findDataSet(name, catalogue));
  // Found out now, not after the first one's hour.
  for (const set of sets)
    if (set.manual !== undefined && dataFolder(set.name, root) === undefined)
      throw new OutlierExposureError('unsupported', howToGetSet(set, root));
  const fetched: FetchedSet[] = [];
  await withDisplay(options, async (show, signal) => {
    for (const set of new Set(sets))
      fetched.push(
        await fetchDataSet(set, {
          root,
          signal,
          onProgress: (progress) => progress.total !== 0 && show(asStage(progress)),
        }),
      );
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(fetched)}\n`);
    return;
  }
  for (const { name, folder, status } of fetched)
    process.stdout.write(`${name}: ${status === 'present' ? 'already in' : 'fetched into'} ${folder}\n`);
}

async function verify(wanted: string[], options: PlaceOptions): Promise<void> {
  const [catalogue, root] = [await catalogueOf(options), rootOf(options)];
  const here = ({ name }: DataSet) => dataFolder(name, root) !== undefined;
  const sets =
    wanted.length > 0 ? wanted.map((name) => findDataSet(name, catalogue)) : catalogue.filter(here);
  const missing = sets.find((set) => !here(set));
  if (missing) throw notHere(missing, root);
  const results: VerifiedSet[] = [];
  await withDisplay(options, async (show, signal) => {
    for (const { name } of sets) {
      const onProgress = (done: number, total: number) => {
        if (total > 0) show({ stage: `Check ${name}`, done, total });
      };
      results.push(await verifyDataSet(name, { root, signal, onProgress }));
    }
  });
  const bad = results.filter(({ differing, missing: gone }) => differing.length + gone.length > 0);
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else for (const result of results) if (!bad.includes(result)) process.stdout.write(`${verdict(result)}\n`);
  if (!options.json && results.length === 0) process.stdout.write(`There are no data sets in ${root}.\n`);
  if (bad.length > 0) throw new OutlierExposureError('invalid-file', bad.map(verdict).join(' '));
}

/** What was found, in a sentence. */
function verdict({ name, folder, known, agreeing, differing, missing, added }: VerifiedSet): string {
  if (known === 'no') return `${name}: no checksums are known, as it was not fetched by this command.`;
  const faults = [
    ...differing.map((path) => `${path} differs`),
    ...missing.map((path) => `${path} is missing`),
  ];
  if (faults.length > 0) {
    const shown = faults.slice(0, 10).join(', ');
    return `${name}: ${shown}${faults.length > 10 ? ` and ${faults.length - 10} more` : ''}; remove ${folder} and fetch it again.`;
  }
  const more = added.length > 0 ? `; ${added.length} were added later, such as ${added[0]}` : '';
  return `${name}: ${agreeing} ${agreeing === 1 ? 'file agrees' : 'files agree'}${more}.`;
}

async function where([name]: [string], options: PlaceOptions): Promise<void> {
  const [set, root] = [findDataSet(name, await catalogueOf(options)), rootOf(options)];
  const folder = dataFolder(name, root);
  if (folder === undefined) throw notHere(set, root);
  process.stdout.write(`${folder}\n`);
}

function notHere(set: DataSet, root: string): OutlierExposureError {
  return new OutlierExposureError('not-found', `${set.title} is not in ${root}. ${howToGetSet(set, root)}`);
}

async function catalogueOf({ catalogue }: PlaceOptions): Promise<readonly DataSet[]> {
  return catalogue === undefined ? CATALOGUE : readCatalogue(catalogue);
}

function rootOf({ from, to }: PlaceOptions): string {
  return resolve(to ?? from ?? dataRoot());
}

async function withDisplay(
  { quiet }: PlaceOptions,
  work: (show: (progress: ExperimentProgress) => void, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const display = progressDisplay(process.stderr, quiet ? 'quiet' : 'normal');
  try {
    await interruptible(
      (signal) => work(display.show, signal),
      () => 'Interrupted. What was downloaded is kept; the same command goes on from there.',
    );
  } finally {
    display.end();
  }
}

const STEPS = { download: 'Download', unpack: 'Unpack', sum: 'Sum up' };

function asStage({
  set,
  file,
  step,
  done,
  total,
  bytesPerSecond,
  remainingSeconds,
}: FetchProgress): ExperimentProgress {
  const speed = bytesPerSecond ? { speed: `${bytesText(bytesPerSecond)}/s` } : {};
  return {
    stage: `${STEPS[step]} ${file ?? set}`,
    // Where the length is not known, it has no end to be near to.
    ...{ done, total: total ?? Number.POSITIVE_INFINITY },
    details: { ...(total === undefined ? { got: bytesText(done) } : { of: bytesText(total) }), ...speed },
    ...(remainingSeconds !== undefined && { remainingSeconds }),
  };
}
