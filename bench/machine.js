/** What the numbers were measured on. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** @param python the versions of Python and its libraries */
export function describeMachine(python) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    'onnxruntime-node': installed('onnxruntime-node'),
    '@jax-js/jax': installed('@jax-js/jax'),
    python: python.python,
    torch: python.torch,
    'scikit-learn': python.sklearn,
    numpy: python.numpy,
  };
}

export function machineLine({ cpu, cores, memoryBytes, os, ...versions }) {
  const known = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  return [`${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${os}`, ...known].join(', ');
}

function installed(name) {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name)) {
    try {
      // By path: a package may not export its manifest.
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version;
    } catch {
      // Look further up.
    }
  }
  return null;
}
