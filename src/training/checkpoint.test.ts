import { describe, expect, it } from 'vitest';
import { float32, writeSafetensors } from '../onnx/index.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './index.ts';

const checkpoint: Checkpoint = {
  step: 12,
  variables: { 'fc.weight': float32([1, -2.5, 3e-40, 4], [2, 2]), 'fc.weight/momentum': float32([], [0]) },
  meter: {
    history: [{ epoch: 1, losses: { loss: 0.1 + 0.2 }, learningRate: 1e-6, seconds: 2 }],
    sums: { loss: 1 / 3 },
    averages: { loss: 2.5 },
    seconds: 3,
    epochSeconds: 1,
    idleSeconds: 0.5,
  },
};

describe('checkpoints', () => {
  it('come back to the last bit', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it.each([
    ['other tensors', { tensors: checkpoint.variables, metadata: {} }],
    ['no count of steps', { tensors: {}, metadata: { step: 'many', meter: '{"history":[]}' } }],
    ['no meter', { tensors: {}, metadata: { step: '3' } }],
    ['a meter that is cut off', { tensors: {}, metadata: { step: '3', meter: '{"history":[' } }],
  ])('are told from files with %s', (_, file) => {
    expect(() => decodeCheckpoint(writeSafetensors(file), { name: 'a.safetensors' })).toThrowError(
      /a\.safetensors is no checkpoint of a training run; delete it to start over/,
    );
  });
});
