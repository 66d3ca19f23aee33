/** What the tests in a browser share: a bundle, a server for it, and a Chromium that watches for trouble. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Set to skip the tests that need a browser. */
export const skipBrowser = process.env.OE_SKIP_BROWSER === '1';

export function findChromium(): string {
  const candidates = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'];
  const found = candidates.find((path) => path && existsSync(path));
  if (found) return found;
  throw new Error(
    'The browser tests need Chromium: install it (Debian: "apt-get install chromium"), name it in CHROME_PATH, or set OE_SKIP_BROWSER=1 to leave these tests out.',
  );
}

/** @param graphics switches for a graphics card, real or imitated; without them there is none */
export function launch(...graphics: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      ...(graphics.length > 0 ? graphics : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** An empty folder for a bundle. */
export async function scratchFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'oe-browser-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

export interface Site {
  origin: string;
  close(): Promise<void>;
}

/** Serves a folder. @param isolated whether with the headers that let a page share memory with its workers */
export async function serve(folder: string, { isolated }: { isolated: boolean }): Promise<Site> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const content = await readFile(file);
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      if (isolated) {
        response.setHeader('cross-origin-opener-policy', 'same-origin');
        response.setHeader('cross-origin-embedder-policy', 'require-corp');
      }
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Watched {
  page: Page;
  /** Errors and warnings on the console, exceptions, failed requests, and requests that leave the site. */
  trouble: string[];
}

export async function open(browser: Pick<Browser, 'newPage'>, url: string): Promise<Watched> {
  const page = await browser.newPage();
  const trouble: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      trouble.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => trouble.push(`failed request: ${request.url()}`));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
      trouble.push(`request to another site: ${request.url()}`);
  });
  await page.goto(url);
  return { page, trouble };
}
