/** On what an experiment ran. Node only. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';

/** This package's version. */
export function packageVersion(): string {
  return versionIn(new URL('../../package.json', import.meta.url));
}

function versionIn(manifest: string | URL): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Versions and machine, for results that can be run again. */
export function environment() {
  const require = createRequire(import.meta.url);
  const processors = cpus();
  return {
    versions: {
      'outlier-exposure': packageVersion(),
      'onnxruntime-node': versionIn(require.resolve('onnxruntime-node/package.json')),
      node: process.versions.node,
    },
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryBytes: totalmem(),
      os: `${type()} ${release()}`,
    },
  };
}
