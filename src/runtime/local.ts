/** Runs models right here, on the ONNX Runtime that is handed in (onnxruntime-node or onnxruntime-web). */
import type * as ort from 'onnxruntime-common';
import type { ElementType, TensorType } from '../onnx/index.ts';
import { LocalLoop } from './local-loop.ts';
import { attempt, fromOrt, type OnnxRuntime, QUIET, refused, toOrt } from './ort.ts';
import { disposed, type Runtime, type Session, type SessionOptions, type Tensors } from './runtime.ts';
import { Turns } from './turns.ts';

export type { OnnxRuntime } from './ort.ts';

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
    createLoop: async (model, variables) => {
      const program = (model: Uint8Array) => load(model, { optimization: 'fuse' }, REUSE_MEMORY);
      return keep(new LocalLoop(runtime, program, await program(model), variables));
    },
    async dispose() {
      ended = true;
      for (const item of [...open]) await item.release();
    },
  };
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
