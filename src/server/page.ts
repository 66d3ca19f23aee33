/** A page beside the API: static files from memory, the playground of a run, say. */
import type { Context, Hono } from 'hono';

/** Files by path, relative to the server's root; `index.html` is what `/` shows. */
export type ServedFiles = ReadonlyMap<
  string,
  { readonly body: Uint8Array<ArrayBuffer>; readonly type: string }
>;

/** Answers GET requests for the files, with the headers that let a page use threads; other paths go on. */
// biome-ignore lint/suspicious/noExplicitAny: any app will do, whatever its environment.
export function addPage(app: Pick<Hono<any>, 'get'>, files: ServedFiles): void {
  app.get('*', async (context: Context, next) => {
    const file = files.get(fileOf(context.req.path));
    if (!file) return next();
    return context.body(file.body, 200, {
      'content-type': file.type,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
  });
}

function fileOf(path: string): string {
  try {
    return decodeURIComponent(path.slice(1)) || 'index.html';
  } catch {
    // A path that is no text names no file.
    return '';
  }
}
