/** The command line: `oe`. Each command is a file of its own; this one puts them together and speaks for errors. */
import { Command, CommanderError } from 'commander';
import { OutlierExposureError } from '../errors.ts';
import { packageVersion } from '../experiments/environment.ts';
import { Interrupted } from './interruption.ts';

/** Bad usage and bad input end with this, as they do for most Unix tools. */
const EXIT_MISUSE = 2;
const EXIT_INTERRUPTED = 130;

/** Loaded when they are called, since each brings its own part of the package along; in the order of the help. */
const COMMANDS: Record<string, (program: Command) => Promise<Command>> = {
  reproduce: async () => (await import('./reproduce/command.ts')).reproduceCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  tune: async () => (await import('./tune.ts')).tuneCommand(),
  advise: async () => (await import('./advise.ts')).adviseCommand(),
  eval: async () => (await import('./eval.ts')).evalCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  score: async () => (await import('./score.ts')).scoreCommand(),
  threshold: async () => (await import('./threshold.ts')).thresholdCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  playground: async () => (await import('./playground.ts')).playgroundCommand(),
  metrics: async () => (await import('./metrics.ts')).metricsCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  ensemble: async () => (await import('./ensemble.ts')).ensembleCommand(),
  declare: async () => (await import('./declare.ts')).declareCommand(),
  inspect: async () => (await import('./inspect.ts')).inspectCommand(),
  data: async () => (await import('./data.ts')).dataCommand(),
  completion: async (program) => (await import('./completion.ts')).completionCommand(program),
};

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
  const commands = await Promise.all(namesFor(argv[2]).map((name) => COMMANDS[name]!(program)));
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

/** The commands that a first word needs: of an unknown one all, since help lists them and a mistyped name gets the nearest. */
function namesFor(word: string | undefined): string[] {
  if (word === '--version' || word === '-V') return [];
  // Completion knows the options of all others.
  const one = word !== undefined && word !== 'completion' && Object.hasOwn(COMMANDS, word);
  return one ? [word] : Object.keys(COMMANDS);
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
