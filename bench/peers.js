/** Programs in Python to compare with, run one at a time; whatever goes wrong with one becomes a note. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Both sides of every comparison get this many processor threads. */
export const THREADS = 2;

const VERSIONS = `
import json, platform
versions = {"python": platform.python_version()}
for name in ("torch", "sklearn", "numpy"):
    try:
        versions[name] = __import__(name).__version__
    except Exception:
        versions[name] = None
print(json.dumps(versions))
`;

/** Debian's Python first, since its torch is the one that a package manager gives; else the one on the path. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];

/**
 * Finds Python and looks which libraries it has.
 *
 * @param note told what is missing, in a sentence
 * @returns `versions` (null for what is missing), and `run`, which resolves to what the script printed, or to null
 */
export async function pythonPeers(note) {
  const found = [];
  for (const command of INTERPRETERS) {
    try {
      const { stdout } = await run(command, ['-c', VERSIONS], { env: environment() });
      found.push({ command, versions: JSON.parse(stdout) });
      if (found.at(-1).versions.torch) break;
    } catch {
      // Not there, or not working: the next one.
    }
  }
  const { command, versions } = found.find((python) => python.versions.torch) ??
    found.find((python) => python.versions.sklearn) ??
    found[0] ?? { versions: { python: null, torch: null, sklearn: null, numpy: null } };
  const missing = ['torch', 'sklearn'].filter((name) => !versions[name]);
  if (missing.length > 0) {
    const packages = { torch: 'python3-torch', sklearn: 'python3-sklearn' };
    note(
      `Python with ${missing.join(' and ')} was not found (Debian: apt install ${missing.map((name) => packages[name]).join(' ')}); those columns stay empty.`,
    );
  }
  return {
    versions,
    /** @param needs the library without which the script is not started */
    async run(script, args, { needs, signal }) {
      if (!versions[needs]) return null;
      try {
        const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
        const { stdout } = await run(command, [path, ...args.map(String)], { env: environment(), signal });
        return JSON.parse(stdout);
      } catch (error) {
        signal?.throwIfAborted();
        const reason = String(error.stderr || error.message)
          .trim()
          .split('\n')
          .at(-1);
        note(`The peer ${script} failed: ${reason}`);
        return null;
      }
    },
  };
}

/** Without settings of OpenBLAS that slow NumPy and PyTorch down, and with as many threads as our side. */
function environment() {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...rest } = process.env;
  return {
    ...rest,
    OMP_NUM_THREADS: String(THREADS),
    OPENBLAS_NUM_THREADS: String(THREADS),
    // The folder stays as it was.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
