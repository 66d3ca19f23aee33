/** One of several networks that a step trains together: its parameters, its passes and its update. */
import { differentiate } from '../../autodiff/index.ts';
import { trainableParameters } from '../../classifier/index.ts';
import type { Graph, Model, TensorData, TensorType } from '../../onnx/index.ts';
import { sizeOf, zeros } from '../../onnx/index.ts';
import type { Abilities } from '../../runtime/abilities.ts';
import type { LoopVariable } from '../../runtime/runtime.ts';
import type { Optimizer } from '../optimizer.ts';
import { stepValue } from '../step.ts';
import { addPass, runningStatistics } from './pass.ts';

/** Which parameters a pass takes, and whether it moves the averages of batch normalization. */
export interface PassKind {
  /** As they were before the step, or as the step has updated them. */
  parameters: 'before' | 'updated';
  averages: 'moving' | 'kept';
}

export class Trainee {
  readonly model: Model;
  readonly #graph: Graph;
  readonly #role: string;
  /** By initializer: the variable of the loop that holds it. Averages of batch normalization are among them. */
  readonly variables = new Map<string, string>();
  readonly #running: ReadonlySet<string>;
  /** Inputs that stand for what updates make, and the initializers that these update. */
  readonly #updated = new Map<string, string>();
  /** For each pass and average: the name that the pass takes it by. */
  readonly #averages: { kind: PassKind['averages']; names: Map<string, string> }[] = [];

  constructor(graph: Graph, role: string, model: Model) {
    this.#graph = graph;
    this.#role = role;
    this.model = model;
    this.#running = runningStatistics(model);
    for (const name of trainableParameters(model.graph)) {
      const { elementType, shape } = model.graph.initializers.get(name)!;
      this.variables.set(name, graph.addInput(`${role}/${name}`, elementType, shape));
    }
  }

  /** Adds the network once more. @returns the name of its output */
  pass(input: string, { parameters, averages }: PassKind): string {
    const number = this.#averages.length;
    const prefix = `${this.#role}/${number}/`;
    const names = new Map(this.variables);
    const ownAverages = new Map<string, string>();
    for (const name of this.variables.keys()) {
      const running = this.#running.has(name);
      if (running ? number > 0 : parameters === 'updated') {
        const { elementType, shape } = this.model.graph.initializers.get(name)!;
        const input = this.#graph.addInput(`${prefix}${name}`, elementType, shape);
        if (!running) this.#updated.set(input, name);
        names.set(name, input);
      }
      if (running) ownAverages.set(name, names.get(name)!);
    }
    this.#averages.push({ kind: averages, names: ownAverages });
    return addPass(this.#graph, this.model, { prefix, input, parameters: names });
  }

  /**
   * Adds the gradients of a loss and the optimizer's update.
   *
   * @param statistics the values of moved averages, by the names of what they were before
   * @param loss over passes that take the parameters from before the step
   * @returns the variables with their next values, and what stands for which input of the graph
   */
  update(
    loss: string,
    {
      types,
      abilities,
      optimizer,
      scalars,
      statistics,
    }: {
      types: ReadonlyMap<string, TensorType>;
      abilities: Abilities;
      optimizer: Optimizer;
      scalars: Readonly<Record<string, string>>;
      statistics: ReadonlyMap<string, string>;
    },
  ): { variables: LoopVariable[]; links: Map<string, string> } {
    const graph = this.#graph;
    const variables: LoopVariable[] = [];
    const links = new Map<string, string>();
    const carry = (input: string, next: string, initial: TensorData) => {
      // An output needs a name of its own, even where it passes an input through.
      const output = graph.add('Identity', [next], {}, { name: `${input}/next` });
      graph.addOutput(output);
      variables.push({ input, output, initial });
    };
    const trained = [...this.variables].filter(([name]) => !this.#running.has(name));
    const inputs = trained.map(([, input]) => input);
    const gradients = differentiate(graph, types, loss, inputs, { abilities });
    const updated = new Map<string, string>();
    for (const [name, parameter] of trained) {
      const initial = this.model.graph.initializers.get(name)!;
      const { elementType, shape } = initial;
      const slots = optimizer.slots.map((slot) => graph.addInput(`${parameter}/${slot}`, elementType, shape));
      const next = optimizer.update({
        graph,
        parameter,
        gradient: gradients.get(parameter)!,
        slots,
        scalars,
      });
      updated.set(name, next.parameter);
      carry(parameter, next.parameter, initial);
      for (const [i, slot] of slots.entries())
        carry(slot, next.slots[i]!, { ...initial, data: zeros('float32', sizeOf(shape)) });
    }
    for (const [input, name] of this.#updated) links.set(input, updated.get(name)!);
    for (const [name, variable] of this.variables) {
      if (!this.#running.has(name)) continue;
      // From one pass to the next.
      let current = variable;
      for (const { kind, names } of this.#averages) {
        const taken = names.get(name)!;
        if (taken !== variable) links.set(taken, current);
        if (kind === 'moving') current = statistics.get(taken) ?? current;
      }
      carry(variable, current, this.model.graph.initializers.get(name)!);
    }
    return { variables, links };
  }
}

/** Adds an input for each of an optimizer's scalars. @param named the name that it is fed by */
export function scalarInputs(
  graph: Graph,
  optimizer: Optimizer,
  named: (scalar: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(optimizer.scalars(1, 1)).map((name) => [
      name,
      graph.addInput(stepValue(named(name)), 'float32', []),
    ]),
  );
}
