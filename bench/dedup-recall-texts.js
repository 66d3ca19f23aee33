/**
 * Which changed copies of real texts `findDuplicateTexts` finds, by the likeness asked for, and what it takes for a copy
 * that is none. Prints a Markdown table. The files are tables or lines of texts; copies are planted of 1,000 of the first,
 * and the second, which is to share nothing with it, is searched in it.
 *
 *     node bench/dedup-recall-texts.js trec-train.tsv wiki.txt
 */
import { findDuplicateTexts, TEXT_SIMILARITY } from '../dist/data/duplicates/index.js';
import { memoryTexts } from '../dist/data/index.js';
import { openText } from '../dist/data/node/index.js';
import { Random } from '../dist/random.js';

const SIMILARITIES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const PLANTED = 1000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

const sets = [];
for (const path of process.argv.slice(2, 4)) sets.push(await openText(path, { labels: 'none' }));
if (sets.length < 2) throw new Error('Give two files of texts.');
const random = Random.from(1, 'planted copies');

const words = (text) => text.split(/\s+/).filter(Boolean);
const some = (list, change) => {
  const place = random.integer(list.length);
  return list.flatMap((word, i) => (i === place ? change(word) : [word])).join(' ');
};
/** A letter lost, doubled, exchanged with its neighbour, or another in its place. */
function typo(text) {
  const at = random.integer(Math.max(1, text.length - 1));
  const [before, letter, next, after] = [text.slice(0, at), text[at], text[at + 1] ?? '', text.slice(at + 2)];
  const other = LETTERS[random.integer(LETTERS.length)];
  return before + [next, letter + letter + next, next + letter, other + next][random.integer(4)] + after;
}
const typos = (count) => (text) => Array.from({ length: count }).reduce(typo, text);
const CHANGES = {
  'all capitals': (text) => text.toUpperCase(),
  'no punctuation, other spacing': (text) => text.replace(/[^\p{L}\p{N}\s]/gu, '').replace(/\s+/g, '  '),
  'one typo': typos(1),
  'two typos': typos(2),
  'a typo in every fifth word': (text) =>
    words(text)
      .map((word, i) => (i % 5 === 4 ? typo(word) : word))
      .join(' '),
  'a word lost': (text) => some(words(text), () => []),
  'a word replaced': (text) => some(words(text), () => 'zebra'),
  'three words more at the start': (text) => `As they say: ${text}`,
  'two neighbours exchanged': (text) => {
    const list = words(text);
    const at = random.integer(Math.max(1, list.length - 1));
    return [...list.slice(0, at), list[at + 1] ?? '', list[at], ...list.slice(at + 2)].join(' ');
  },
  'the first 80 %': (text) =>
    words(text)
      .slice(0, Math.ceil(0.8 * words(text).length))
      .join(' '),
  'the first half': (text) =>
    words(text)
      .slice(0, Math.ceil(0.5 * words(text).length))
      .join(' '),
};

const [first, second] = sets;
const originals = Array.from({ length: Math.min(PLANTED, first.length) }, (_, i) =>
  first.text(Math.floor((i * first.length) / Math.min(PLANTED, first.length))),
);
const source = (name, texts) => memoryTexts({ name, texts, fingerprint: name });
const against = source('originals', originals);
const percent = (share) => (100 * share).toFixed(1);
const print = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);

print(['found, %', ...SIMILARITIES.map((value) => (value === TEXT_SIMILARITY ? `**${value}**` : value))]);
print(['---', ...SIMILARITIES.map(() => '--:')]);
const mistaken = SIMILARITIES.map(() => 0);
for (const [name, change] of Object.entries(CHANGES)) {
  const copies = originals.map(change);
  const cells = [];
  for (const [s, similarity] of SIMILARITIES.entries()) {
    const { pairs } = await findDuplicateTexts(source(name, copies), [against], { similarity });
    // A text that the set itself holds twice has its copy found with the first of them.
    const right = pairs.filter(({ index, of }) => originals[index] === originals[of]).length;
    mistaken[s] += pairs.length - right;
    cells.push(percent(right / originals.length));
  }
  print([name, ...cells]);
}
const copies = originals.length * Object.keys(CHANGES).length;
print([`taken for a copy of another, of ${copies.toLocaleString('en')}`, ...mistaken]);
const strangers = [];
for (const similarity of SIMILARITIES)
  strangers.push((await findDuplicateTexts(second, [first], { similarity })).pairs.length);
print([
  `of ${second.length.toLocaleString('en')} texts of another set taken for one of ${first.length.toLocaleString('en')}`,
  ...strangers,
]);
