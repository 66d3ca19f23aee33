/** What a training run needs to go on as if it had never stopped. */
import { OutlierExposureError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../onnx/safetensors.ts';
import type { Tensors } from '../runtime/runtime.ts';
import type { EpochRecord } from './progress.ts';

/** Order of examples and dropout masks follow from seed and step, so that no generator's state is among this. */
export interface Checkpoint {
  /** Steps done. */
  step: number;
  /** Parameters, running statistics and the optimizer's state, by input name. */
  variables: Tensors;
  meter: MeterState;
}

/** The numbers that progress and history are made of. */
export interface MeterState {
  history: EpochRecord[];
  /** Sums of the losses over the epoch so far. */
  sums: Record<string, number>;
  averages: Record<string, number>;
  seconds: number;
  epochSeconds: number;
  idleSeconds: number;
}

/** Where checkpoints are kept; a save that fails must leave the last one whole. */
export interface CheckpointStore {
  load(): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
}

/** A checkpoint as the bytes of a safetensors file. */
export function encodeCheckpoint({ step, variables, meter }: Checkpoint): Uint8Array<ArrayBuffer> {
  return writeSafetensors({
    tensors: variables,
    metadata: { step: String(step), meter: JSON.stringify(meter) },
  });
}

/** @throws OutlierExposureError `invalid-file` when the bytes are no checkpoint of ours */
export function decodeCheckpoint(
  bytes: Uint8Array,
  { name = 'the checkpoint' }: { name?: string } = {},
): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, { name });
  const step = Number(metadata.step);
  try {
    const meter = JSON.parse(metadata.meter ?? '') as MeterState;
    if (Number.isSafeInteger(step) && Array.isArray(meter.history))
      return { step, variables: tensors, meter };
  } catch {
    // Falls through to the sentence below.
  }
  throw new OutlierExposureError(
    'invalid-file',
    `${name} is no checkpoint of a training run; delete it to start over.`,
  );
}
