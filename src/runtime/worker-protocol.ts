/**
 * A runtime on the other side of a message port. ONNX Runtime's native `run` blocks the thread that calls it, so
 * sessions live in a worker, and buffers are moved there and back instead of copied.
 */
import { type ErrorCode, OutlierExposureError } from '../errors.ts';
import { sizeOf, type TensorType } from '../onnx/index.ts';
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

type Request =
  | { kind: 'session'; model: Uint8Array; options: SessionOptions }
  | { kind: 'loop'; model: Uint8Array; variables: readonly LoopVariable[] }
  | { kind: 'run'; handle: number; feeds: Tensors; fetches: readonly string[] | undefined }
  | { kind: 'add'; handle: number; program: string; model: Uint8Array }
  | { kind: 'step'; handle: number; feeds: Tensors; program: string | undefined }
  | { kind: 'read'; handle: number }
  | { kind: 'release'; handle: number }
  | { kind: 'end' };

type Reply = { id: number; value: unknown } | { id: number; error: { code: ErrorCode; message: string } };

/** The few things that Node's and the browser's workers and ports have in common. */
export interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface Types {
  handle: number;
  inputs: ReadonlyMap<string, TensorType>;
  outputs: ReadonlyMap<string, TensorType>;
}

/** The worker's side: carries out requests on a local runtime, one after the other. */
export function serveRuntime(port: Port, runtime: Runtime): void {
  const sessions = new Map<number, Session>();
  const loops = new Map<number, Loop>();
  let handles = 0;
  let queue = Promise.resolve();
  let ending = false;

  const carryOut = async (request: Request): Promise<{ value: unknown; moved?: Tensors[] }> => {
    switch (request.kind) {
      case 'session': {
        const session = await runtime.createSession(request.model, request.options);
        sessions.set(++handles, session);
        return {
          value: { handle: handles, inputs: session.inputs, outputs: session.outputs } satisfies Types,
        };
      }
      case 'loop': {
        loops.set(++handles, await runtime.createLoop(request.model, request.variables));
        return { value: handles };
      }
      case 'run': {
        const outputs = await held(sessions, request.handle).run(request.feeds, request.fetches);
        return { value: outputs, moved: [outputs] };
      }
      case 'add': {
        await held(loops, request.handle).add(request.program, request.model);
        return { value: undefined };
      }
      case 'step': {
        const result = await held(loops, request.handle).step(request.feeds, request.program);
        return { value: result, moved: [result.outputs, result.feeds] };
      }
      case 'read': {
        const variables = await held(loops, request.handle).read();
        return { value: variables, moved: [variables] };
      }
      case 'release': {
        await (sessions.get(request.handle) ?? loops.get(request.handle))?.release();
        sessions.delete(request.handle);
        loops.delete(request.handle);
        return { value: undefined };
      }
      case 'end': {
        await runtime.dispose();
        return { value: undefined };
      }
    }
  };

  port.onMessage((message) => {
    const { id, request } = message as { id: number; request: Request };
    if (request.kind === 'end') ending = true;
    queue = queue.then(async () => {
      // Nobody waits any more for what stands before the end.
      if (ending && request.kind !== 'end') return;
      try {
        const { value, moved = [] } = await carryOut(request);
        port.post({ id, value } satisfies Reply, buffersOf(...moved));
      } catch (error) {
        const code = error instanceof OutlierExposureError ? error.code : 'unsupported';
        port.post({ id, error: { code, message: (error as Error).message } } satisfies Reply, []);
      }
    });
  });
}

function held<T>(items: ReadonlyMap<number, T>, handle: number): T {
  const item = items.get(handle);
  if (!item) throw released();
  return item;
}

/**
 * The caller's side. `fail` is for when the worker dies, so that nobody waits for ever.
 *
 * @param end stops the worker; it may wait until the worker has ended its current call, and is `idle`
 */
export function remoteRuntime(
  port: Port,
  end: (idle: () => Promise<void>) => Promise<void>,
): Runtime & { fail(error: Error): void } {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let ids = 0;
  let failure: Error | undefined;

  port.onMessage((message) => {
    const reply = message as Reply;
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) asked?.reject(new OutlierExposureError(reply.error.code, reply.error.message));
    else asked?.resolve(reply.value);
  });

  const ask = <T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> =>
    failure ? Promise.reject(failure) : call(request, transfer);
  const call = <T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++ids;
      // Throws, and so rejects, what cannot be posted.
      port.post({ id, request }, transfer);
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    });
  // With the worker, what it held is gone.
  const release = (handle: number) => (failure ? Promise.resolve() : ask<void>({ kind: 'release', handle }));
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };

  let ended: Promise<void> | undefined;
  const stop = async () => {
    const alive = failure === undefined;
    fail(disposed());
    await end(async () => {
      if (alive) await call<void>({ kind: 'end' }).catch(() => {});
    });
  };

  return {
    async createSession(model, options = {}) {
      const { handle, inputs, outputs } = await ask<Types>({ kind: 'session', model, options });
      return {
        inputs,
        outputs,
        run: async (feeds, fetches) => {
          checkPresent(feeds);
          return ask<Tensors>({ kind: 'run', handle, feeds: cropped(feeds), fetches });
        },
        release: () => release(handle),
      };
    },
    async createLoop(model, variables) {
      const handle = await ask<number>({ kind: 'loop', model, variables });
      return {
        add: (program, model) => ask<void>({ kind: 'add', handle, program, model }),
        step: async (feeds, program) => {
          checkPresent(feeds);
          return ask<StepResult>({ kind: 'step', handle, feeds, program }, buffersOf(feeds));
        },
        read: () => ask<Tensors>({ kind: 'read', handle }),
        release: () => release(handle),
      };
    },
    dispose() {
      return (ended ??= stop());
    },
    fail,
  };
}

/** A buffer that was moved away would be lost without a word on its second way to the worker. */
function checkPresent(feeds: Tensors): void {
  for (const [name, { data, shape }] of Object.entries(feeds)) {
    if (data.length > 0 || sizeOf(shape) === 0) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `The tensor fed as "${name}" is empty: buffers fed to a step belong to the loop until it gives them back.`,
    );
  }
}

/** The tensors without what else is in their buffers: a window on a large buffer would be sent with all of it. */
function cropped(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { data } = tensor;
      if (Array.isArray(data) || data.byteLength === data.buffer.byteLength) return [name, tensor];
      return [name, { ...tensor, data: data.slice() }];
    }),
  );
}

/** The buffers under the tensors that can move: each once, and only where the tensor has its buffer to itself. */
function buffersOf(...groups: Tensors[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const tensors of groups) {
    for (const { data } of Object.values(tensors)) {
      if (
        !Array.isArray(data) &&
        data.buffer instanceof ArrayBuffer &&
        data.byteLength === data.buffer.byteLength
      ) {
        buffers.add(data.buffer);
      }
    }
  }
  return [...buffers];
}
