/** A vocabulary of 10,000 words and 20 MB of text as its numbers, on one thread, against Python and a limit. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVocabulary, createTokenizer, encodeTexts } from '../dist/data/index.js';
import { openText } from '../dist/data/node/index.js';
import { Random } from '../dist/random.js';
import { interleaved, median, row } from './rows.js';

const BYTES = 20e6;
const LIMIT_BYTES_A_SECOND = 20e6;
const WORDS = 60_000;

export async function run({ quick, python, progress, note, signal }) {
  progress('Words of 20 MB of text');
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    const path = join(folder, 'texts.txt');
    await writeFile(path, randomLines());
    const repetitions = quick ? 1 : 3;
    const source = await openText(path);
    const vocabulary = buildVocabulary(source);
    const tokenizer = createTokenizer({ vocabulary });
    const counts = encodeTexts(source, tokenizer);
    const peer = {};
    const measured = {};
    for (const [key, ours] of Object.entries({
      vocabulary: () => buildVocabulary(source),
      encode: () => encodeTexts(source, tokenizer),
    })) {
      measured[key] = await interleaved(quick ? 1 : 3, {
        ours: () => seconds(ours, repetitions),
        theirs: async () => {
          const result = await python.run('words.py', [path, key, repetitions], { needs: 'python', signal });
          if (result) Object.assign(peer, result);
          return result?.median ?? null;
        },
      });
    }
    if (peer.words !== undefined && (peer.words !== counts.ids.length || peer.unknown !== counts.unknown)) {
      note(
        `Words differ: ours ${counts.ids.length}, ${counts.unknown} unknown; Python's ${peer.words}, ${peer.unknown}.`,
      );
    }
    return [
      row({ name: 'vocabulary of 20 MB of text', peer: 'Python', ...measured.vocabulary, unit: 's' }),
      row({ name: '20 MB of text as numbers', peer: 'Python', ...measured.encode, unit: 's' }),
      row({
        name: '20 MB of text as numbers',
        peer: 'limit: 20 MB/s',
        ours: measured.encode.ours,
        theirs: BYTES / LIMIT_BYTES_A_SECOND,
        unit: 's',
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function seconds(work, repetitions) {
  return median(
    Array.from({ length: repetitions }, () => {
      const start = performance.now();
      work();
      return (performance.now() - start) / 1000;
    }),
  );
}

/** Sentences of made-up words, the frequent ones short, which come as often as Zipf's law says: 1 / rank. */
function randomLines() {
  const random = Random.from(1, 'tokenize');
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  const words = Array.from({ length: WORDS }, (_, rank) =>
    Array.from({ length: 2 + Math.round(Math.log10(1 + rank) * 1.2 + random.uniform() * 2) }, () =>
      letters.charAt(Math.floor(letters.length * random.uniform() ** 2)),
    ).join(''),
  );
  const lines = [];
  for (let size = 0; size < BYTES; ) {
    const line = Array.from({ length: 5 + random.integer(30) }, (_, i) => {
      const word = words[Math.floor(WORDS ** random.uniform()) - 1];
      return i === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    }).join(' ');
    lines.push(line);
    size += line.length + 1;
  }
  return lines.join('\n');
}
