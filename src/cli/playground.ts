/** `oe playground`: a page to try a run's models on: draw, type, look at scores, move the threshold, train. */
import { Command } from 'commander';
import { ensurePage, playgroundFiles, servePage, writePage } from '../export/node/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { sayThatThePageIsBuilt } from './built-page-line.ts';
import { interruptible } from './interruption.ts';
import { wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';

interface PlaygroundFlags {
  out?: string;
  port: number;
  examples: number;
  training: number;
  quiet?: boolean;
}

export function playgroundCommand(): Command {
  return new Command('playground')
    .description(
      "Try a run's models in a browser: draw or type, see both answers, move the threshold, train.",
    )
    .argument('<run>', 'the folder of a run of oe reproduce')
    .option('--out <folder>', 'write the page there, for any static host, and serve nothing')
    .option('--port <number>', 'serve the page on this port of this machine', wholeNumber(0), 8787)
    .option('--examples <count>', 'how many examples of each set the page shows', wholeNumber(1), 300)
    .option(
      '--training <count>',
      'how many in-distribution examples the page can train with, and twice as many outliers',
      wholeNumber(50),
      1000,
    )
    .option('--quiet', 'show no progress')
    .addHelpText(
      'after',
      '\nThe data of the run are read again: they have to be where they were.\n\nExamples:\n  $ oe playground runs/mnist\n  $ oe playground runs/mnist --out site --examples 100',
    )
    .action(playground);
}

async function playground(
  run: string,
  { out, port, examples, training, quiet }: PlaygroundFlags,
): Promise<void> {
  if (out !== undefined) await ensureWritableFolder(out);
  const display = progressDisplay(process.stderr, quiet ? 'quiet' : 'normal');
  try {
    await interruptible(
      async (signal) => {
        await ensurePage({ signal, onBuild: sayThatThePageIsBuilt });
        const files = await playgroundFiles(run, { examples, training, signal, onProgress: display.show });
        display.end();
        if (out !== undefined) {
          const bytes = await writePage(out, files);
          process.stdout.write(
            `Written to ${out}: ${files.size} files, ${(bytes / 1e6).toFixed(1)} MB. Any static host will do; a page opened as a file cannot load its parts.\n`,
          );
          return;
        }
        const page = await servePage(files, { port });
        process.stdout.write(`The playground is at ${page.url} until Ctrl-C.\n`);
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        await page.close();
      },
      () => 'Interrupted; nothing was written.',
    );
  } finally {
    display.end();
  }
}
