/** The page about a cleaned set: how much went, why, and examples beside what they are like. */
import { page } from './page.ts';
import { table } from './table.ts';
import { type Content, html, trusted } from './template.ts';
import { count as number } from './words.ts';

/** What the page says. Rates are shares of `count`. */
export interface DuplicatesSummary {
  kind: 'images' | 'texts';
  name: string;
  count: number;
  kept: number;
  removed: Partial<Record<'class' | 'exact' | 'near' | 'embedding' | 'repeated' | 'unreadable', number>>;
  classes: readonly { name: string; like?: string; relation?: string }[];
  against: readonly { name: string; count: number; removed: number }[];
  unreadable: readonly { reason: string }[];
  pairs: readonly { sameness: ShownPair['sameness'] }[];
  /** How a model compared them, where one did. */
  embedding?: { features: string; alike: number; uncompared: { cleaned: number; against: number } };
}

/** An example of a pair: a picture or a text. */
export interface ShownSide {
  set: string;
  index: number;
  picture?: { png: Uint8Array; width: number; height: number };
  text?: string;
}

export interface ShownPair {
  similarity: number;
  /** `embedding` when a model found it, by a cosine. */
  sameness: 'exact' | 'near' | 'embedding';
  left: ShownSide;
  right: ShownSide;
}

const REASONS = [
  ['class', 'Of classes that other sets have, or that were named'],
  ['exact', 'Equal to an example of another set'],
  ['near', 'Much like an example of another set'],
  ['embedding', 'To the model much like an example of another set'],
  ['repeated', 'Like an earlier example of the set itself'],
  ['unreadable', 'Unreadable'],
] as const;
const MAX_TEXT = 300;
const MAX_LISTED = 50;

/** @returns a page of one file, which loads nothing */
export function duplicatesPage(
  summary: DuplicatesSummary,
  pairs: readonly ShownPair[],
  { version, title = `What ${summary.name} shares with other sets` }: { version: string; title?: string },
): string {
  return page({
    title,
    kicker: 'Outlier Exposure · disjoint sets',
    version,
    sections: [
      { id: 'answer', title: 'What was left out', short: 'Answer', body: answer(summary) },
      { id: 'pairs', title: 'Side by side', short: 'Pairs', body: pairsOf(summary, pairs) },
    ],
  });
}

function answer(summary: DuplicatesSummary): Content {
  const { kind, count, kept, removed, classes, against, unreadable, embedding } = summary;
  const share = (part: number) => `${((100 * part) / count).toFixed(2)} %`;
  return html`<p class="answer">Of ${number(count)} ${kind}, ${number(count - kept)} were left out and ${number(kept)} stay.</p>
${table({
  caption: 'Examples by what became of them',
  header: ['Why', 'How many', 'Share'],
  rows: REASONS.flatMap(([reason, words]) =>
    removed[reason] ? [[words, number(removed[reason]), share(removed[reason])]] : [],
  ),
  footer: [['Stay', number(kept), share(kept)]],
})}
${
  against.length > 0 &&
  table({
    caption: 'The sets that it was compared with',
    header: ['Set', 'Examples', 'Left out for it'],
    rows: against.map((set) => [set.name, number(set.count), number(set.removed)]),
  })
}
${
  classes.length > 0 &&
  table({
    caption: 'Classes that were left out',
    header: ['Class', 'Because of', 'How'],
    text: [1, 2],
    rows: classes.map(({ name, like = '', relation = 'named' }) => [
      name,
      like,
      RELATIONS[relation] ?? relation,
    ]),
  })
}
${
  embedding &&
  embedding.uncompared.cleaned + embedding.uncompared.against > 0 &&
  html`<p class="note">The model could not compare ${number(embedding.uncompared.cleaned)} of the set and ${number(embedding.uncompared.against)} of the other sets, for want of features.</p>`
}
${
  unreadable.length > 0 &&
  html`<h3>Not read</h3><ul class="plain">${unreadable.slice(0, MAX_LISTED).map(({ reason }) => html`<li>${reason}</li>`)}</ul>
${unreadable.length > MAX_LISTED && html`<p class="note">And ${number(unreadable.length - MAX_LISTED)} more.</p>`}`
}`;
}

const RELATIONS: Record<string, string> = { 'kind of': 'is a kind of it', 'kind is': 'it is a kind of this' };

function pairsOf({ kind, pairs: all, embedding }: DuplicatesSummary, pairs: readonly ShownPair[]): Content {
  if (pairs.length === 0) return html`<p>Nothing of it was found anywhere else.</p>`;
  const byModel = ({ sameness }: Pick<ShownPair, 'sameness'>) => sameness === 'embedding';
  const part = (option: string, shown: readonly ShownPair[], of: number) =>
    shown.length > 0 && [sentence(kind, option, shown.length, of), list(kind, shown)];
  const found = all.filter(byModel).length;
  const own = part(
    '--similarity',
    pairs.filter((pair) => !byModel(pair)),
    all.length - found,
  );
  const models = part('--alike', pairs.filter(byModel), found);
  return html`${own}${models && html`<h3>Found by the model</h3><p>Their features, <code>${embedding?.features}</code>, have a cosine of ${embedding?.alike} or more.</p>${models}`}`;
}

function sentence(kind: string, option: string, shown: number, all: number): Content {
  return html`<p>${shown < all ? `${number(shown)} of ${number(all)} pairs` : `All ${number(shown)} pairs`}, the least alike first: left what was left out, right what it is like. If those at the top are different ${kind}, ask for a greater <code>${option}</code>; if all are the same, a smaller one finds more.</p>`;
}

function list(kind: string, pairs: readonly ShownPair[]): Content {
  return kind === 'images'
    ? html`<ul class="pictures" style="grid-template-columns:repeat(auto-fill,minmax(140px,1fr))">${pairs.map(picturePair)}</ul>`
    : html`<ul class="texts">${pairs.map(textPair)}</ul>`;
}

function picturePair({ left, right, similarity, sameness }: ShownPair): Content {
  return html`<li><span style="display:flex;gap:4px">${picture(left)}${picture(right)}</span><b>${label(similarity, sameness)}</b><br>${left.index} · ${right.set} ${right.index}</li>`;
}

/** Cosines are told more exactly: all of them are close to 1. */
function label(similarity: number, sameness: ShownPair['sameness']): string {
  if (sameness === 'exact') return 'equal';
  return sameness === 'near' ? similarity.toFixed(2) : `cosine ${similarity.toFixed(4)}`;
}

function picture({ picture: shown, set, index }: ShownSide): Content {
  if (!shown) return undefined;
  const source = trusted(`data:image/png;base64,${Buffer.from(shown.png).toString('base64')}`);
  return html`<img src="${source}" width="${shown.width}" height="${shown.height}" alt="${set} number ${index}">`;
}

function textPair({ left, right, similarity, sameness }: ShownPair): Content {
  return html`<li><b>${label(similarity, sameness)}</b>${cut(left)}<br><span class="note">${right.set} ${right.index}:</span> ${cut(right)}</li>`;
}

function cut({ text = '' }: ShownSide): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
