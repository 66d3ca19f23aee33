/** Runs models right here, on the ONNX Runtime that is handed in (onnxruntime-node or onnxruntime-web). */
import type * as ort from 'onnxruntime-common';
import { OutlierExposureError } from '../errors.ts';
import { type ElementType, sizeOf, type TensorData, type TensorType, zeros } from '../onnx/index.ts';
import {
  disposed,
  type Loop,
  type LoopVariable,
  type Runtime,
  released,
  type Session,
  type SessionOptions,
  type StepResult,
  type Tensors,
} from './runtime.ts';

export interface OnnxRuntime {
  InferenceSession: ort.InferenceSessionFactory;
  Tensor: typeof ort.Tensor;
}

/** Fatal ones alone: errors are thrown, and logging them too would only add noise. */
const QUIET = { logSeverityLevel: 4 } as const;

const REUSE_MEMORY = { enableMemPattern: false } as const;

const LEVELS = { none: 'disabled', fuse: 'extended', all: 'all' } as const;

/** @param base options for every session: threads, execution providers */
export function localRuntime(runtime: OnnxRuntime, base: ort.InferenceSession.SessionOptions = {}): Runtime {
  const open = new Set<{ release(): Promise<void> }>();
  let ended = false;
  const load = async (
    model: Uint8Array,
    { optimization = 'all' }: SessionOptions = {},
    further: ort.InferenceSession.SessionOptions = {},
  ) => {
    if (ended) throw disposed();
    try {
      return await runtime.InferenceSession.create(model, {
        graphOptimizationLevel: LEVELS[optimization],
        ...QUIET,
        ...further,
        ...base,
      });
    } catch (error) {
      throw refused('load the model', error);
    }
  };
  const keep = <T extends { release(): Promise<void> }>(item: T): T => {
    open.add(item);
    const release = item.release.bind(item);
    item.release = async () => {
      if (open.delete(item)) await release();
    };
    return item;
  };
  return {
    createSession: async (model, options) => keep(new LocalSession(runtime, await load(model, options))),
    // A new layout pays only for kernels that stay the same from run to run, which trained ones do not. One block of
    // memory for all values would be larger, and colder in the processor's caches, than places used over again.
    createLoop: async (model, variables) =>
      keep(new LocalLoop(runtime, await load(model, { optimization: 'fuse' }, REUSE_MEMORY), variables)),
    async dispose() {
      ended = true;
      for (const item of [...open]) await item.release();
    },
  };
}

/** Carries out calls one after the other, until the last of them closes it. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(released());
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  close(work: () => Promise<void>): Promise<void> {
    const result = this.take(work);
    this.#closed = true;
    return result;
  }
}

class LocalSession implements Session {
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  readonly #runtime: OnnxRuntime;
  readonly #session: ort.InferenceSession;
  readonly #turns = new Turns();

  constructor(runtime: OnnxRuntime, session: ort.InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
    this.inputs = typesOf(session.inputMetadata);
    this.outputs = typesOf(session.outputMetadata);
  }

  run(feeds: Tensors, fetches?: readonly string[]): Promise<Tensors> {
    return this.#turns.take(async () => {
      const results = await attempt(() =>
        this.#session.run(toOrt(this.#runtime, feeds), [...(fetches ?? this.#session.outputNames)], QUIET),
      );
      return fromOrt(results);
    });
  }

  release(): Promise<void> {
    return this.#turns.close(() => this.#session.release());
  }
}

class LocalLoop implements Loop {
  readonly #runtime: OnnxRuntime;
  readonly #session: ort.InferenceSession;
  readonly #variables: readonly LoopVariable[];
  readonly #others: string[];
  /** Two sets of tensors over the same variables: the current values, and where the next ones go. */
  #current: { feeds: Record<string, ort.Tensor>; fetches: Record<string, ort.Tensor> };
  #next: { feeds: Record<string, ort.Tensor>; fetches: Record<string, ort.Tensor> };
  /** Callers may ask for the next step before the last has ended, but it starts from what the last one left. */
  readonly #turns = new Turns();

  constructor(runtime: OnnxRuntime, session: ort.InferenceSession, variables: readonly LoopVariable[]) {
    this.#runtime = runtime;
    this.#session = session;
    this.#variables = variables;
    const carried = new Set(variables.map(({ output }) => output));
    this.#others = session.outputNames.filter((name) => !carried.has(name));
    this.#current = this.#buffers((initial) => initial.data.slice());
    this.#next = this.#buffers((initial) =>
      zeros(initial.elementType as Exclude<ElementType, 'string'>, sizeOf(initial.shape)),
    );
  }

  step(feeds: Tensors): Promise<StepResult> {
    return this.#turns.take(() => this.#step(feeds));
  }

  read(): Promise<Tensors> {
    return this.#turns.take(async () => {
      const copies = fromOrt(this.#current.feeds);
      for (const tensor of Object.values(copies)) tensor.data = tensor.data.slice() as TensorData['data'];
      return copies;
    });
  }

  release(): Promise<void> {
    return this.#turns.close(() => this.#session.release());
  }

  async #step(feeds: Tensors): Promise<StepResult> {
    const fetches: Record<string, ort.Tensor | null> = { ...this.#next.fetches };
    for (const name of this.#others) fetches[name] = null;
    const inputs = { ...this.#current.feeds, ...toOrt(this.#runtime, feeds) };
    const results = await attempt(() => this.#session.run(inputs, fetches, QUIET));
    [this.#current, this.#next] = [this.#next, this.#current];
    return {
      outputs: fromOrt(Object.fromEntries(this.#others.map((name) => [name, results[name]!]))),
      feeds,
    };
  }

  #buffers(fill: (initial: TensorData) => TensorData['data']) {
    const tensors = this.#variables.map(({ initial }) =>
      toOrtTensor(this.#runtime, { ...initial, data: fill(initial) }),
    );
    return {
      feeds: Object.fromEntries(this.#variables.map(({ input }, i) => [input, tensors[i]!])),
      fetches: Object.fromEntries(this.#variables.map(({ output }, i) => [output, tensors[i]!])),
    };
  }
}

function typesOf(metadata: readonly ort.InferenceSession.ValueMetadata[]): Map<string, TensorType> {
  return new Map(
    metadata.flatMap((value) =>
      value.isTensor
        ? [
            [
              value.name,
              {
                elementType: value.type as ElementType,
                shape: value.shape.map((d) => (d === '' ? undefined : d)),
              },
            ],
          ]
        : [],
    ),
  );
}

function toOrt(runtime: OnnxRuntime, tensors: Tensors): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, toOrtTensor(runtime, tensor)]),
  );
}

function toOrtTensor(runtime: OnnxRuntime, { elementType, data, shape }: TensorData): ort.Tensor {
  return new runtime.Tensor(elementType as 'float32', data as Float32Array, shape);
}

function fromOrt(tensors: { readonly [name: string]: ort.OnnxValue }): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      {
        elementType: tensor.type as ElementType,
        shape: tensor.dims,
        data: tensor.data as TensorData['data'],
      },
    ]),
  );
}

async function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw refused('run the model', error);
  }
}

function refused(what: string, error: unknown): OutlierExposureError {
  const detail = error instanceof Error ? error.message : String(error);
  return new OutlierExposureError('unsupported', `ONNX Runtime could not ${what}: ${detail}`, {
    cause: error,
  });
}
