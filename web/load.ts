/** Reads what lies beside the page: what the playground holds, examples, scores. */
import { type ExampleSet, encodeTexts, memorySource, memoryTexts, type Tokenizer } from 'outlier-exposure';
import type { Playground, PlaygroundSet } from '../src/export/playground.ts';

export type { Playground, PlaygroundSet };

/** Examples of a set, as models take them and as they are shown. */
export interface ShownSet extends PlaygroundSet {
  examples: ExampleSet;
  /** Of texts, to be read. */
  texts?: string[];
}

export async function loadPlayground(): Promise<Playground> {
  const playground = (await (await load('playground.json')).json()) as Playground;
  if (playground.format !== 'outlier-exposure/playground' || playground.version !== 1)
    throw new Error('This page is of another version than the files beside it: make the playground again.');
  return playground;
}

export async function loadBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await load(file)).arrayBuffer());
}

export async function loadScores(file: string): Promise<Float32Array> {
  return new Float32Array((await loadBytes(file)).buffer);
}

/** @param tokenizer of the models, where they take texts */
export async function loadSet(
  set: PlaygroundSet,
  shape: Playground['shape'],
  tokenizer?: Tokenizer,
): Promise<ShownSet> {
  const labels = set.labels ? { labels: Int32Array.from(set.labels) } : {};
  const common = { name: set.name, fingerprint: set.file, ...labels };
  if (shape)
    return { ...set, examples: memorySource({ ...common, shape, pixels: await loadBytes(set.file) }) };
  const texts = (await (await load(set.file)).json()) as string[];
  return { ...set, texts, examples: encodeTexts(memoryTexts({ ...common, texts }), tokenizer!) };
}

async function load(file: string): Promise<Response> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} could not be loaded (${response.status}).`);
  return response;
}
