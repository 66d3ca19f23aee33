/** `oe serve`: the guard over HTTP. */
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { OutlierExposureError } from '../errors.ts';
import { ensurePage, playgroundFiles } from '../export/node/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import type { ImageSize } from '../guard/index.ts';
import { startServer } from '../server/index.ts';
import { sayThatThePageIsBuilt } from './built-page-line.ts';
import { interruptible } from './interruption.ts';
import { serverLog } from './log.ts';
import { numberBetween, wholeNumber } from './parse.ts';

interface ServeOptions {
  threshold?: string;
  size?: ImageSize;
  port: number;
  host: string;
  workers: number;
  threads?: number;
  token?: string;
  maxBody: number;
  maxPixels: number;
  maxTextLength: number;
  queue: number;
  batch: number;
  batchWait: number;
  timeout: number;
  watch: boolean;
  anyModel?: boolean;
  driftWindow: number;
  driftRate: number;
  driftState?: string;
  playground?: string;
  logLevel: string;
}

/** Shorter ones are guessed. */
const SHORTEST_TOKEN = 16;

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve a classifier and its threshold over HTTP: POST /v1/check tells classes and outliers.')
    .argument('<model>', 'the classifier (.onnx)')
    .option(
      '--threshold <file>',
      'the file of oe threshold (default: NAME.guard.json or guard.json beside the model)',
    )
    .option(
      '--size <size>',
      'what images are brought to, where the model leaves it open: 224, 224x320 (height, width), 3x224x320',
      imageSize,
    )
    .option('--port <number>', 'where to listen; 0 for any that is free', wholeNumber(0), 8080)
    .option(
      '--host <address>',
      'who can reach it: 127.0.0.1 is this machine alone, 0.0.0.0 the network',
      '127.0.0.1',
    )
    .option('--workers <count>', 'processes that run the model', wholeNumber(1), 1)
    .option('--threads <count>', 'threads of each (default: the processors, shared out)', wholeNumber(1))
    .addOption(
      new Option(
        '--token <text>',
        'what requests bring as "Authorization: Bearer TEXT"; others see it here in the list of processes',
      ).env('OE_TOKEN'),
    )
    .option('--max-body <size>', 'of a request, 10mb say', byteSize, 10 * 2 ** 20)
    .option('--max-pixels <count>', 'of an image in its file', wholeNumber(1), 2 ** 24)
    .option('--max-text-length <count>', 'characters of a text', wholeNumber(1), 20_000)
    .option(
      '--queue <count>',
      'images or texts that wait or are being checked; more get 429',
      wholeNumber(1),
      512,
    )
    .option(
      '--batch <count>',
      'images or texts that go through the model together, at most',
      wholeNumber(1),
      32,
    )
    .option('--batch-wait <ms>', 'how long one waits for others while the model is idle', wholeNumber(0), 2)
    .option('--timeout <ms>', 'after which a request is given up', wholeNumber(1), 30_000)
    .option('--no-watch', 'do not load files that change (SIGHUP still does)')
    .option('--any-model', 'take a model that the threshold was not chosen for')
    .option(
      '--drift-window <count>',
      'examples in which outliers are counted for the drift alarm; 0 for none',
      wholeNumber(0),
      500,
    )
    .option('--drift-rate <percent>', 'false drift alarms, of all windows', numberBetween(0, 50), 0.1)
    .option('--drift-state <file>', 'keep what the drift alarm has seen there, and go on from it')
    .option('--playground <run>', 'show the playground of this run at / (oe playground shows it alone)')
    .addOption(
      new Option('--log-level <level>', 'lines of JSON on standard output')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe serve guarded.onnx --threshold guard.json\n  $ OE_TOKEN=$(openssl rand -hex 24) oe serve guarded.onnx --host 0.0.0.0 --workers 2\n  $ oe serve any-size.onnx --size 224 --drift-state drift.json',
    )
    .action(serve);
}

async function serve(model: string, options: ServeOptions): Promise<void> {
  const { anyModel, watch, driftWindow, driftRate, driftState, logLevel, token, ...others } = options;
  const { port, host, playground, ...rest } = others;
  if (port > 65_535)
    throw new OutlierExposureError('invalid-argument', `There is no port ${port}: they go up to 65535.`);
  if (token !== undefined && token.length < SHORTEST_TOKEN)
    throw new OutlierExposureError(
      'invalid-argument',
      `The token has ${token.length} characters: take ${SHORTEST_TOKEN} or more, such as openssl rand -hex 24 gives.`,
    );
  if (driftState !== undefined) {
    if (driftWindow === 0)
      throw new OutlierExposureError(
        'invalid-argument',
        'With --drift-window 0 nothing watches for drift: leave out --drift-state, or give a window.',
      );
    await ensureWritableFolder(dirname(driftState));
  }
  if (playground !== undefined)
    await interruptible(
      (signal) => ensurePage({ signal, onBuild: sayThatThePageIsBuilt }),
      () => 'Interrupted; the page was not built.',
    );
  const logger = serverLog(logLevel);
  const server = await startServer({
    model,
    ...rest,
    port,
    host,
    token,
    page: playground === undefined ? undefined : await playgroundFiles(playground),
    otherModel: anyModel ? 'allow' : 'refuse',
    watch: watch ? 'yes' : 'no',
    drift: driftWindow > 0 ? { window: driftWindow, alarmRate: driftRate / 100 } : null,
    driftState,
    logger,
  });
  if (token === undefined && !['127.0.0.1', 'localhost', '::1'].includes(host))
    logger.warn({ host }, 'anybody who reaches this address may use it: start it with OE_TOKEN set');
  const hangUp = () => void server.reload().catch(() => {});
  process.on('SIGHUP', hangUp);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  process.off('SIGHUP', hangUp);
}

const UNITS: Record<string, number> = { '': 1, b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/** Bytes from `10mb`. */
function byteSize(text: string): number {
  const [, digits, unit] = /^(\d+)\s*(b|kb|mb|gb)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? Number.NaN);
  if (bytes >= 1 && bytes <= 2 ** 30) return bytes;
  throw new InvalidArgumentError('It must be a size up to 1gb, such as 10mb or 500kb.');
}

const LONGEST_SIDE = 8192;

/** `224`, `224x320` (height, width) or `3x224x320` (channels first). */
function imageSize(text: string): ImageSize {
  const sides = text.split(/[x×]/i).map(Number);
  const [width, height = width, channels] = sides.toReversed();
  const fine = sides.every((side) => Number.isSafeInteger(side) && side >= 1 && side <= LONGEST_SIDE);
  if (fine && sides.length <= 3 && /^[\dx×]+$/i.test(text))
    return { channels, height: height!, width: width! };
  throw new InvalidArgumentError(
    `It must be a side, height and width, or channels, height and width, up to ${LONGEST_SIDE}: 224, 224x320, 3x224x320.`,
  );
}
