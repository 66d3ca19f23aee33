/** What runs models. One interface, whether ONNX Runtime is native, WebAssembly, here or in a worker. */
import { OutlierExposureError } from '../errors.ts';
import type { TensorData, TensorType } from '../onnx/index.ts';

export type Tensors = Record<string, TensorData>;

export interface SessionOptions {
  /**
   * How far ONNX Runtime rewrites the graph: not at all (every value keeps its name), by fusing operators, or by
   * changing the layout of images too. Default `'all'`.
   */
  optimization?: 'none' | 'fuse' | 'all';
}

/** A model, loaded. Runs one call at a time, in the order of the calls. */
export interface Session {
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  /** Runs the model. Feeds are only read; @param fetches the outputs wanted, all by default. */
  run(feeds: Tensors, fetches?: readonly string[]): Promise<Tensors>;
  release(): Promise<void>;
}

/** A value that a loop carries from one step to the next: an output that becomes an input. */
export interface LoopVariable {
  input: string;
  output: string;
  initial: TensorData;
}

export interface StepResult {
  /** The outputs that are no loop variables. */
  outputs: Tensors;
  /** The feeds, given back so that their buffers can be filled again. */
  feeds: Tensors;
}

/**
 * A model that feeds itself, as training does: its variables stay beside ONNX Runtime, in two sets of buffers
 * that take turns as input and output, and only batches and losses travel.
 */
export interface Loop {
  /**
   * Gives the loop another program over the same variables: the step for texts of another length, say. It is loaded
   * when it is first stepped, so that programs that are never used cost nothing.
   *
   * @param program a name of its own
   * @param model takes and gives all variables of the loop, in their types and shapes
   * @throws OutlierExposureError `invalid-argument` when the name is taken
   */
  add(program: string, model: Uint8Array): Promise<void>;
  /**
   * One step. The feeds' buffers belong to the loop until it gives them back in the result.
   *
   * @param program one that was added; default: the model that the loop was made with
   * @throws OutlierExposureError `not-found` when no such program was added; `invalid-argument` when it lacks a
   * variable; `unsupported` when ONNX Runtime cannot load or run it. The variables stay what they were.
   */
  step(feeds: Tensors, program?: string): Promise<StepResult>;
  /** Copies of the variables as they stand, by input name. */
  read(): Promise<Tensors>;
  release(): Promise<void>;
}

export interface Runtime {
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  createLoop(model: Uint8Array, variables: readonly LoopVariable[]): Promise<Loop>;
  /** Ends the runtime and what it holds. What is under way may be broken off, and what is asked for later is refused. */
  dispose(): Promise<void>;
}

/** What using a session or loop after its release is answered with. */
export function released(): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    'This session or loop was released: create another one to go on.',
  );
}

/** What using a runtime after its end is answered with. */
export function disposed(): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    'The runtime was disposed of: start another one to go on.',
  );
}
