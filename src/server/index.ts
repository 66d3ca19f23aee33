/** The guard over HTTP. Node only. */
export type { RunningServer, ServerOptions } from './options.ts';
export { startServer } from './server.ts';
