import { describe, expect, it } from 'vitest';
import { float32, Graph, inlineGraph } from './index.ts';

describe('inlineGraph', () => {
  const other = () => {
    const graph = new Graph('other');
    const x = graph.addInput('x', 'float32', [2]);
    const w = graph.addInitializer('w', float32([1, 2], [2]));
    graph.addOutput(graph.add('Add', [graph.add('Mul', [x, w]), undefined], {}, { name: 'y' }));
    return graph;
  };

  it('gives every value a name of its own, twice over', () => {
    const graph = new Graph('whole');
    const x = graph.addInput('x', 'float32', [2]);
    const add = () => inlineGraph(graph, other(), { prefix: 'in/', values: new Map([['x', x]]) });
    const [first, second] = [add(), add()];
    expect([first('y'), second('y')]).toEqual(['in/y', 'in/y.1']);
    const names = graph.nodes.flatMap(({ outputs }) => outputs);
    expect(new Set(names).size).toBe(4);
    expect([...graph.initializers.keys()]).toEqual(['in/w', 'in/w.1']);
    expect(graph.nodes.map(({ inputs }) => inputs)).toEqual([
      ['x', 'in/w'],
      ['in/Mul', ''],
      ['x', 'in/w.1'],
      ['in/Mul.1', ''],
    ]);
  });

  it('shares what it is told to, and leaves the other graph as it was', () => {
    const graph = other();
    const before = structuredClone(graph.nodes);
    const step = graph.add('Neg', ['y']);
    const own = { nodes: graph.nodes.slice(0, 2), initializers: graph.initializers };
    const values = new Map([
      ['w', 'w'],
      ['x', step],
    ]);
    const rename = inlineGraph(graph, own, { prefix: 'again/', values });
    expect(graph.initializers.size).toBe(1);
    expect(graph.nodes[3]!.inputs).toEqual([step, 'w']);
    expect(rename('y')).toBe('again/y');
    expect(graph.nodes.slice(0, 2)).toEqual(before);
  });

  it('renames inside of branches, too', () => {
    const branch = new Graph('branch');
    branch.addOutput(
      branch.add('Mul', ['x', branch.addInitializer('inner', float32([3], [1]))], {}, { name: 'product' }),
    );
    const around = new Graph('around');
    around.addInput('x', 'float32', [2]);
    around.add('If', ['condition'], { then_branch: branch });
    const graph = new Graph('whole');
    inlineGraph(graph, around, { prefix: 'in/', values: new Map([['x', 'pixels']]) });
    const renamed = graph.nodes[0]!.attributes.then_branch as Graph;
    expect(renamed.nodes[0]).toMatchObject({ inputs: ['pixels', 'in/inner'], outputs: ['in/product'] });
    expect([...renamed.outputs.keys()]).toEqual(['in/product']);
    expect([...renamed.initializers.keys()]).toEqual(['in/inner']);
    expect(branch.nodes[0]!.inputs).toEqual(['x', 'inner']);
  });
});
