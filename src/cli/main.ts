/** The command line: `oe`. Each command is a file of its own; this one puts them together and speaks for errors. */
import { Command, CommanderError } from 'commander';
import { OutlierExposureError } from '../errors.ts';
import { packageVersion } from '../experiments/environment.ts';
import { adviseCommand } from './advise.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { dataCommand } from './data.ts';
import { evalCommand } from './eval.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { inspectCommand } from './inspect.ts';
import { Interrupted } from './interruption.ts';
import { metricsCommand } from './metrics.ts';
import { playgroundCommand } from './playground.ts';
import { reportCommand } from './report.ts';
import { reproduceCommand } from './reproduce.ts';
import { scoreCommand } from './score.ts';
import { serveCommand } from './serve.ts';
import { thresholdCommand } from './threshold.ts';
import { trainCommand } from './train.ts';
import { tuneCommand } from './tune.ts';

/** Bad usage and bad input end with this, as they do for most Unix tools. */
const EXIT_MISUSE = 2;
const EXIT_INTERRUPTED = 130;

export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', outlive);
  const program = new Command('oe')
    .description('Out-of-distribution detection with Outlier Exposure.')
    .version(packageVersion())
    .showHelpAfterError('(oe --help lists the commands and options)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe reproduce mnist --quick\n  $ oe metrics --in scores/in.npy --out scores/glyphs.npy',
    );
  const commands = [
    reproduceCommand(),
    trainCommand(),
    tuneCommand(),
    adviseCommand(),
    evalCommand(),
    compareCommand(),
    scoreCommand(),
    thresholdCommand(),
    serveCommand(),
    reportCommand(),
    playgroundCommand(),
    metricsCommand(),
    importCommand(),
    exportCommand(),
    inspectCommand(),
    dataCommand(),
    completionCommand(program),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  const nested = commands.flatMap((command) => command.commands);
  for (const command of nested) command.copyInheritedSettings(program);
  for (const command of [program, ...commands, ...nested]) command.exitOverride();
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Whoever read our output may have had enough (`oe … | head`): that ends neither the work nor in an error. */
function outlive(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function report(error: unknown): number {
  // Commander has printed its own sentence; asking for help is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISUSE;
  if (error instanceof OutlierExposureError) {
    process.stderr.write(`oe: ${error.message}\n`);
    return EXIT_MISUSE;
  }
  if (error instanceof Interrupted) {
    process.stderr.write(`\n${error.message}\n`);
    return EXIT_INTERRUPTED;
  }
  process.stderr.write(
    `oe: this should not have happened; please report it.\n${(error as Error)?.stack ?? error}\n`,
  );
  return 1;
}
