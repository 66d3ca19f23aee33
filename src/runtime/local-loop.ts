/** A loop on sessions that are right here: programs that share one set of variables. */
import type * as ort from 'onnxruntime-common';
import { nearestName, OutlierExposureError } from '../errors.ts';
import { type ElementType, sizeOf, type TensorData, zeros } from '../onnx/index.ts';
import { attempt, fromOrt, type OnnxRuntime, QUIET, toOrt, toOrtTensor } from './ort.ts';
import type { Loop, LoopVariable, StepResult, Tensors } from './runtime.ts';
import { Turns } from './turns.ts';

/** A session of a loop, and the outputs that are no variables. */
interface Program {
  session: ort.InferenceSession;
  others: string[];
}

export class LocalLoop implements Loop {
  readonly #runtime: OnnxRuntime;
  readonly #load: (model: Uint8Array) => Promise<ort.InferenceSession>;
  readonly #variables: readonly LoopVariable[];
  readonly #own: Program;
  /** By name: loaded, or the model that is not yet. */
  readonly #added = new Map<string, Program | Uint8Array>();
  /** Two sets of tensors over the same variables: the current values, and where the next ones go. */
  #current: { feeds: Record<string, ort.Tensor>; fetches: Record<string, ort.Tensor> };
  #next: { feeds: Record<string, ort.Tensor>; fetches: Record<string, ort.Tensor> };
  /** Callers may ask for the next step before the last has ended, but it starts from what the last one left. */
  readonly #turns = new Turns();

  constructor(
    runtime: OnnxRuntime,
    load: (model: Uint8Array) => Promise<ort.InferenceSession>,
    session: ort.InferenceSession,
    variables: readonly LoopVariable[],
  ) {
    this.#runtime = runtime;
    this.#load = load;
    this.#variables = variables;
    this.#own = this.#program(session);
    this.#current = this.#buffers((initial) => initial.data.slice());
    this.#next = this.#buffers((initial) =>
      zeros(initial.elementType as Exclude<ElementType, 'string'>, sizeOf(initial.shape)),
    );
  }

  add(program: string, model: Uint8Array): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#added.has(program)) {
        throw new OutlierExposureError(
          'invalid-argument',
          `The loop already has a program "${program}": give each a name of its own.`,
        );
      }
      this.#added.set(program, model);
    });
  }

  step(feeds: Tensors, program?: string): Promise<StepResult> {
    return this.#turns.take(async () => this.#step(feeds, await this.#find(program)));
  }

  read(): Promise<Tensors> {
    return this.#turns.take(async () => {
      const copies = fromOrt(this.#current.feeds);
      for (const tensor of Object.values(copies)) tensor.data = tensor.data.slice() as TensorData['data'];
      return copies;
    });
  }

  release(): Promise<void> {
    return this.#turns.close(async () => {
      await this.#own.session.release();
      for (const added of this.#added.values())
        if (!(added instanceof Uint8Array)) await added.session.release();
    });
  }

  async #step(feeds: Tensors, { session, others }: Program): Promise<StepResult> {
    const fetches: Record<string, ort.Tensor | null> = { ...this.#next.fetches };
    for (const name of others) fetches[name] = null;
    const inputs = { ...this.#current.feeds, ...toOrt(this.#runtime, feeds) };
    const results = await attempt(() => session.run(inputs, fetches, QUIET));
    [this.#current, this.#next] = [this.#next, this.#current];
    return {
      outputs: fromOrt(Object.fromEntries(others.map((name) => [name, results[name]!]))),
      feeds,
    };
  }

  async #find(name: string | undefined): Promise<Program> {
    if (name === undefined) return this.#own;
    const added = this.#added.get(name);
    if (added === undefined) {
      const near = nearestName(name, this.#added.keys());
      throw new OutlierExposureError(
        'not-found',
        `The loop has no program "${name}"${near === undefined ? '' : ` (perhaps "${near}")`}: add it first.`,
      );
    }
    if (!(added instanceof Uint8Array)) return added;
    const session = await this.#load(added);
    try {
      const program = this.#program(session);
      this.#checkVariables(name, session);
      this.#added.set(name, program);
      return program;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  #program(session: ort.InferenceSession): Program {
    const carried = new Set(this.#variables.map(({ output }) => output));
    return { session, others: session.outputNames.filter((name) => !carried.has(name)) };
  }

  /** A variable that a program left out would fall back to what it was a step before. */
  #checkVariables(program: string, { inputNames, outputNames }: ort.InferenceSession): void {
    for (const { input, output } of this.#variables) {
      if (inputNames.includes(input) && outputNames.includes(output)) continue;
      throw new OutlierExposureError(
        'invalid-argument',
        `The program "${program}" does not carry the loop's variable "${input}": it needs an input of that name, and an output "${output}".`,
      );
    }
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
