import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsed } from '../testing.ts';
import { parseTree } from './trees.ts';

type Tree = { label: number; children: Tree[]; word: string };

describe('trees', () => {
  const content =
    "(3 (2 It) (4 (2 's) (4 lovely)))\n(1 (2 -LRB-) (1 (0 bad) (2 co\\/op)))\n\n(2 plain)\n(0 no)\n";
  it('are sentences and their roots', () => {
    expect(parsed(content)).toEqual({
      texts: ["It 's lovely", '-LRB- bad co\\/op', 'plain', 'no'],
      labels: [3, 1, 2, 0],
      classNames: ['very negative', 'negative', 'neutral', 'positive', 'very positive'],
      dropped: { empty: 1 },
    });
  });
  it('can be binary', () => {
    expect(parsed(content, { labels: 'binary' })).toEqual({
      texts: ["It 's lovely", '-LRB- bad co\\/op', 'no'],
      labels: [1, 0, 0],
      classNames: ['negative', 'positive'],
      dropped: { empty: 1, neutral: 1 },
    });
  });
  it.each([
    ['(3 (2 a)', /made, line 1: a bracket is not closed/],
    ['(3 a) (2 b)', /"\(" stands outside of the tree/],
    ['(3 a))', /"\)" stands outside/],
    ['(9 a)', /"9" in place of a sentiment/],
    ['(3 (a b))', /"a" in place of a sentiment/],
    ['', /bracket/],
  ])('%s is refused', (line, message) => {
    expect(() => parseTree(line, 'made, line 1')).toThrow(message);
  });
  it('brings back any tree', () => {
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.record({
        label: fc.nat(4),
        word: fc.stringMatching(/^[^()\s]{1,6}$/),
        children: fc.oneof(
          { depthSize: 'small' },
          fc.constant<Tree[]>([]),
          fc.array(tie('tree'), { maxLength: 3 }),
        ),
      }),
    }));
    const write = ({ label, word, children }: Tree): string =>
      `(${label} ${children.length > 0 ? children.map(write).join(' ') : word})`;
    const leaves = ({ word, children }: Tree): string[] =>
      children.length > 0 ? children.flatMap(leaves) : [word];
    fc.assert(
      fc.property(tree, (root) => {
        expect(parseTree(write(root), 'x')).toEqual({
          sentence: leaves(root).join(' '),
          label: String(root.label),
        });
      }),
    );
  });
});
