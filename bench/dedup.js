/** Near duplicates within a million perceptual hashes, and among texts: seconds and memory, against the limits we keep. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IMAGE_DISTANCE } from '../dist/data/duplicates/index.js';
import { row } from './rows.js';

const execute = promisify(execFile);
const LIMIT = { seconds: 60, bytes: 1e9 };

export async function run({ quick, progress, signal }) {
  const rows = [];
  const sizes = { hashes: quick ? 100_000 : 1_000_000, texts: quick ? 5_000 : 50_000 };
  for (const [kind, count] of Object.entries(sizes)) {
    const how = kind === 'hashes' ? ` (${IMAGE_DISTANCE} bits, as by default)` : '';
    const name = `duplicates within ${count.toLocaleString('en')} ${kind}${how}`;
    progress(name);
    // In a process of its own, whose peak nothing else has raised.
    const script = fileURLToPath(new URL('./dedup-child.js', import.meta.url));
    const { stdout } = await execute(process.execPath, [script, kind, String(count)], { signal });
    const { seconds, bytes } = JSON.parse(stdout);
    rows.push(
      row({ name, peer: 'limit', ours: seconds, theirs: LIMIT.seconds, unit: 's' }),
      row({ name: `${name}, memory`, peer: 'limit', ours: bytes, theirs: LIMIT.bytes, unit: 'bytes' }),
    );
  }
  return rows;
}
