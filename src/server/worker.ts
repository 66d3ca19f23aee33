/** A worker's program: a guard behind a process's message channel. Started by `worker-process.ts`. */
import type { ImageShape } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Guard, loadGuard } from '../guard/index.ts';
import { readModelFile } from '../onnx/node/index.ts';
import { nodeRuntime } from '../runtime/index.ts';
import { openThreshold } from '../thresholds/node/index.ts';
import { unpackItems } from './packing.ts';
import type { CheckedItem, WorkerReply, WorkerRequest, WorkerSetup } from './protocol.ts';

// A terminal's Ctrl-C reaches every process of the group; when to end is the server's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));

const reply = (message: WorkerReply) => {
  if (process.connected) process.send!(message);
};

process.once('message', async (setup) => {
  const { model, threshold, threads, batch, shape } = setup as WorkerSetup;
  try {
    // Nothing else has to go on in this process while the model runs.
    const runtime = await nodeRuntime({ threads, place: 'here' });
    const guard = await loadGuard((await readModelFile(model)).model, {
      runtime,
      threshold: await openThreshold(threshold),
      batch,
      shape,
      // The server has compared them, and measured the texts.
      otherModel: 'allow',
      maxTextLength: Number.POSITIVE_INFINITY,
    });
    if (shape) await tryOut(guard, shape);
    process.on('message', (request) => void carryOut(guard, request as WorkerRequest));
    reply({ kind: 'ready' });
  } catch (error) {
    const code = error instanceof OutlierExposureError ? error.code : 'unsupported';
    reply({ kind: 'failed', code, message: (error as Error).message });
  }
});

/** Not every size that a model leaves open goes through it; and its first run is the slowest. */
async function tryOut(guard: Guard, shape: ImageShape): Promise<void> {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]).fill(0.5);
  try {
    await guard.check({ data, shape });
  } catch (error) {
    throw new OutlierExposureError(
      'unsupported',
      `The model cannot check an image of [${shape.join(', ')}] (channels, height, width): ${(error as Error).message}`,
    );
  }
}

async function carryOut(guard: Guard, { id, packed }: WorkerRequest): Promise<void> {
  try {
    const results = (await guard.check(unpackItems(packed))).map(
      (checked): CheckedItem =>
        'error' in checked
          ? { error: { code: checked.error.code, message: checked.error.message } }
          : checked,
    );
    reply({ kind: 'checked', id, results });
  } catch (error) {
    reply({ kind: 'broken', id, message: (error as Error).message });
  }
}
