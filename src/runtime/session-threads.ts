/** Threads of ONNX Runtime's sessions in Node, as its options say them. */
import type { InferenceSession } from 'onnxruntime-common';

/**
 * Microseconds that threads which sleep spin first: as long as one waits for the other within an operator, and between short
 * operators, but not while another process has the other's processor.
 */
const SPIN_MICROSECONDS = 50;

export interface SessionThreads {
  /** For one operator. */
  threads: number;
  /** What they do while they wait. */
  whileIdle: 'spin' | 'sleep';
}

export function sessionThreads({ threads, whileIdle }: SessionThreads): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    ...(whileIdle === 'sleep' && {
      extra: { session: { intra_op: { spin_duration_us: `${SPIN_MICROSECONDS}` } } },
    }),
  };
}
