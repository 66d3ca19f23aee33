/** The input of a classifier of texts: words' numbers, padded. */
import { OutlierExposureError } from '../../errors.ts';
import type { TensorData, TensorType } from '../../onnx/index.ts';
import { padBatch, paddedLength } from './batches.ts';
import type { EncodedText } from './encode.ts';

export interface TextInput {
  /** The name of the dimension of words, or how many the model takes, no more and no fewer. */
  time: string | number | undefined;
  /** To how many words texts are filled up, or cut where the model takes one number alone. */
  lengthOf(set: Pick<EncodedText, 'offsets'>, indices: ArrayLike<number>): number;
  /**
   * The tensor of texts, [rows, length]; rows beyond the texts are zeros.
   *
   * @param rows default: as many as there are indices
   */
  tokens(set: EncodedText, indices: ArrayLike<number>, length: number, rows?: number): TensorData;
}

/** Whether a model's input takes words: whole numbers, [batch, time]. */
export function takesTexts(type: TensorType | undefined): boolean {
  return ['int64', 'int32'].includes(type?.elementType ?? '') && type?.shape?.length === 2;
}

/** @throws OutlierExposureError `invalid-argument` when the input takes no texts */
export function textInput(name: string, type: TensorType | undefined): TextInput {
  if (!type || !takesTexts(type)) {
    const shape = type?.shape?.map((dimension) => dimension ?? '?').join(', ') ?? '?';
    throw new OutlierExposureError(
      'invalid-argument',
      `The set holds texts, but the model's input "${name}" is ${type?.elementType} [${shape}]: classifiers of texts take int64 [batch, time].`,
    );
  }
  const time = type.shape![1];
  const fixed = typeof time === 'number' ? time : undefined;
  return {
    time,
    lengthOf: (set, indices) => fixed ?? paddedLength(set, indices),
    tokens(set, indices, length, rows = indices.length) {
      const size = rows * length;
      const data = type.elementType === 'int32' ? new Int32Array(size) : new BigInt64Array(size);
      padBatch(set, indices, length, data, {
        pad: set.pad,
        ...(set.padId !== undefined && { padId: set.padId }),
      });
      return { elementType: type.elementType, shape: [rows, length], data } as TensorData;
    },
  };
}
