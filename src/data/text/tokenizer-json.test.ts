/** Tokenizers that travel with models. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModel, Graph, readModel, writeModel } from '../../onnx/index.ts';
import { resultOr } from './testing.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';
import { tokenizerFromJson, tokenizerOf, tokenizerToJson, withTokenizer } from './tokenizer-json.ts';
import { createVocabulary } from './vocabulary.ts';
import { whitespaceTokenizer } from './words.ts';

const words = ['the', 'é', '日本', '😀', '"quoted"', '\\', '\ud800', '\u0000'];
const full = createTokenizer({
  vocabulary: createVocabulary(words),
  words: whitespaceTokenizer({ lowerCase: false }),
  maxTokens: 100,
  pad: 'last',
});
const plain = createTokenizer({ vocabulary: createVocabulary(['a']) });

function expectSame(read: Tokenizer | undefined, written: Tokenizer): void {
  expect(read?.vocabulary.words).toEqual(written.vocabulary.words);
  expect(read?.maxTokens).toBe(written.maxTokens);
  expect(read?.pad).toBe(written.pad);
  expect(read?.words.lowerCase).toBe(written.words.lowerCase);
}

describe('JSON', () => {
  it.each([
    ['all settings', full],
    ['defaults', plain],
  ])('brings back a tokenizer with %s', (_, tokenizer) => {
    expectSame(tokenizerFromJson(tokenizerToJson(tokenizer)), tokenizer);
  });
  it.each([
    ['{', /is no JSON/],
    ['[]', /none of this package's, or damaged: the whole/],
    [tokenizerToJson(plain).replace('tokenizer 1', 'tokenizer 9'), /format/],
    [tokenizerToJson(plain).replace('"first"', '"middle"'), /pad/],
    [tokenizerToJson(plain).replace('["a"]', '["a","a"]'), /"a" twice/],
    [tokenizerToJson(plain).replace('["a"]', '["a",""]'), /words\.1/],
    [tokenizerToJson(plain).replace('["a"]', '["<pad>"]'), /"<pad>" twice/],
    [tokenizerToJson(full).replace('100', '0'), /maxTokens/],
    [' '.repeat(2 ** 26 + 1), /at most 67108864/],
  ])('refuses what is damaged (%#)', (json, message) => {
    expect(() => tokenizerFromJson(json, { name: 'It' })).toThrow(message);
  });
  it('gives a tokenizer or a sentence for any change', () => {
    const json = tokenizerToJson(full);
    fc.assert(
      fc.property(fc.nat(json.length), fc.nat(4), fc.string({ maxLength: 3 }), (at, cut, put) => {
        const read = resultOr(() => tokenizerFromJson(json.slice(0, at) + put + json.slice(at + cut)));
        if (read) expect(read.vocabulary.size).toBeGreaterThan(2);
      }),
    );
  });
});

describe('models', () => {
  const graph = new Graph();
  graph.addInput('x', 'float32', [1]);
  graph.addOutput(graph.add('Relu', ['x']), { elementType: 'float32', shape: [1] });
  const model = createModel(graph, [['architecture', 'gru']]);
  it('carry it through a file', () => {
    const read = readModel(writeModel(withTokenizer(model, full)));
    expectSame(tokenizerOf(read), full);
    expect(read.metadata.get('architecture')).toBe('gru');
  });
  it('stay as they were', () => {
    withTokenizer(model, full);
    expect(tokenizerOf(model)).toBeUndefined();
  });
  it('say when it is damaged', () => {
    expect(() => tokenizerOf({ metadata: new Map([['tokenizer', '{}']]) })).toThrow(
      /^The model's tokenizer is none/,
    );
  });
});
