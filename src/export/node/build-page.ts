/** Builds the playground's page in a checkout of this package, where it is missing. Node only. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';

export interface BuildPageOptions {
  /** The package's folder. Default: the one that this code is in. */
  root?: string | undefined;
  /** Told before it is built, which takes some seconds. */
  onBuild?: (() => void) | undefined;
  signal?: AbortSignal | undefined;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Of what vite has to say when it fails. */
const MOST_SAID = 2000;

/**
 * Makes sure that the page is there: as it was published or built, or else built now, by vite, which a checkout has.
 *
 * @throws OutlierExposureError `not-found` where it is missing and nothing can build it; `unsupported` when building fails
 */
export async function ensurePage({ root = ROOT, onBuild, signal }: BuildPageOptions = {}): Promise<void> {
  const page = join(root, 'dist', 'playground');
  if (existsSync(join(page, 'index.html'))) return;
  const sources = join(root, 'web');
  const vite = existsSync(join(sources, 'vite.config.ts')) ? viteOf(root) : undefined;
  if (vite === undefined)
    throw new OutlierExposureError(
      'not-found',
      `The playground's page is not in ${page}, and there is no vite to build it with: install the package whole, or run npm ci in its checkout.`,
    );
  onBuild?.();
  await mkdir(dirname(page), { recursive: true });
  const made = join(dirname(page), `.playground-${process.pid}`);
  try {
    await run([vite, 'build', sources, '--outDir', made, '--emptyOutDir', '--logLevel', 'error'], signal);
    // What an interrupted build of the past left; another process may have been faster meanwhile.
    if (!existsSync(join(page, 'index.html'))) {
      await rm(page, { recursive: true, force: true });
      await rename(made, page).catch((error: unknown) => {
        if (!existsSync(join(page, 'index.html'))) throw error;
      });
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** Vite's program, where it is installed. */
function viteOf(root: string): string | undefined {
  try {
    const about = createRequire(join(root, 'package.json')).resolve('vite/package.json');
    const { bin } = JSON.parse(readFileSync(about, 'utf8')) as { bin: { vite: string } };
    return join(dirname(about), bin.vite);
  } catch {
    return undefined;
  }
}

function run(args: string[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_SAID);
    });
    child.once('error', (error) => reject(signal?.aborted ? signal.reason : error));
    child.once('close', (code) => {
      if (code === 0) return resolve();
      if (signal?.aborted) return reject(signal.reason);
      const lines = said.trim().split('\n');
      const reason =
        lines.find((line) => /error/i.test(line) && !line.trimEnd().endsWith(':')) ?? lines.at(-1);
      reject(
        new OutlierExposureError(
          'unsupported',
          `The playground's page could not be built (${reason?.trim() || `vite ended with ${code}`}): run npm run build:page, which says more.`,
        ),
      );
    });
  });
}
