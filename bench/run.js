/** Measures speed and memory against peers and prints one table: `npm run bench`. See README.md. */
import { loadavg } from 'node:os';
import CliTable from 'cli-table3';
import { Command, Option } from 'commander';
import { describeMachine, machineLine } from './machine.js';
import { pythonPeers } from './peers.js';
import { cells } from './rows.js';

/** In the order of their time; each is loaded when its turn comes, so that one that breaks leaves the others. */
const BENCHMARKS = [
  'metrics',
  'tokenize',
  'dedup',
  'convnet-step',
  'jax-step',
  'whole',
  'gru-step',
  'network-step',
  'scoring',
  'detectors',
  'serve',
  'advise',
];
const HEADER = ['name', 'peer', 'ours', 'theirs', 'ratio', 'unit'];

const program = new Command('bench')
  .description('Measure speed and memory against peers. Every number is a cost: a ratio below 1 is ahead.')
  .option('--quick', 'fewer repetitions, and not the whole experiment (with --only whole: a small one)')
  .option('--json', 'print JSON on standard output, and nothing else')
  .option('--soak <seconds>', "length of serve's soak (default: 600, with --quick 8)", Number)
  .addOption(new Option('--only <name>', 'run one benchmark').choices(BENCHMARKS))
  .showHelpAfterError('(--help lists the options)')
  .parse();

const { quick = false, json = false, only, soak } = program.opts();
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
process.once('SIGTERM', () => interruption.abort());

const notes = [];
const note = (text) => notes.push(text);
const progress = (text) => {
  if (!json) process.stderr.write(`… ${text}\n`);
};

const [load] = loadavg();
if (load > 0.5) {
  note(
    `Other programs were busy at the start (load ${load.toFixed(1)}): the numbers are no measure. PyTorch suffers most, since its threads wait by spinning.`,
  );
}
const python = await pythonPeers(note);
const machine = describeMachine(python.versions);
if (!json) process.stdout.write(`${machineLine(machine)}\n`);

const chosen = only ? [only] : BENCHMARKS.filter((name) => !(quick && name === 'whole'));
const results = [];
for (const name of chosen) {
  try {
    const { run } = await import(`./${name}.js`);
    results.push(
      ...(await run({ quick, soakSeconds: soak, python, progress, note, signal: interruption.signal })),
    );
  } catch (error) {
    process.exitCode = 1;
    if (interruption.signal.aborted) {
      note('Interrupted.');
      break;
    }
    note(`The benchmark ${name} failed: ${error.message}`);
  }
}

if (json) {
  process.stdout.write(`${JSON.stringify({ machine, results })}\n`);
  // Whoever reads the numbers by program still wants to know why one is missing.
  for (const text of notes) process.stderr.write(`${text}\n`);
} else {
  const table = new CliTable({
    head: HEADER,
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  table.push(...results.map(cells));
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write('Costs: ratio = ours / theirs, and below 1 is ahead.\n');
  for (const text of notes) process.stdout.write(`${text}\n`);
}
