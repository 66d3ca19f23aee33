/** Serves a page from memory, with the headers that let it use threads. Node only. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { OutlierExposureError } from '../../errors.ts';
import { addPage } from '../../server/page.ts';
import type { PageFiles } from './files.ts';

export interface ServedPage {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves files on this machine alone until closed.
 *
 * @param port 0 takes a free one
 * @throws OutlierExposureError `io` when the port is taken
 */
export async function servePage(files: PageFiles, { port }: { port: number }): Promise<ServedPage> {
  const app = new Hono();
  addPage(app, files);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info) =>
      resolve({
        url: `http://localhost:${info.port}/`,
        close: () =>
          new Promise<void>((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new OutlierExposureError(
          'io',
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken: choose another one with --port.`
            : `No page can be served on port ${port}: ${error.message}.`,
          { cause: error },
        ),
      ),
    );
  });
}
