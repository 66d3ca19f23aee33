/** `oe report`: makes the page of a run again from its folder, or one that compares runs. */
import { Command } from 'commander';
import { writeComparison, writeReport } from '../report/index.ts';

export function reportCommand(): Command {
  return new Command('report')
    .description("Make a run's report.html again from its folder, or a page that compares several runs.")
    .argument('<run...>', 'folders of runs, which hold results.json')
    .option(
      '--out <file>',
      'where the page goes (default: RUN/report.html, or comparison.html for several runs)',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe report runs/mnist\n  $ oe report runs/mnist runs/three-seeds --out comparison.html',
    )
    .action(async (runs: string[], { out }: { out?: string }) => {
      const path =
        runs.length > 1
          ? await writeComparison(runs, out ?? 'comparison.html')
          : await writeReport(runs[0]!, undefined, out);
      process.stdout.write(`Written to ${path}\n`);
    });
}
