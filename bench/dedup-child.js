/** Searches made-up hashes or texts for planted copies, and prints how long it took and the peak of memory. */
import { findDuplicateTexts, IMAGE_DISTANCE, nearPairs } from '../dist/data/duplicates/index.js';
import { memoryTexts } from '../dist/data/index.js';
import { Random } from '../dist/random.js';

const [kind, size] = [process.argv[2], Number(process.argv[3])];
/** One in so many is a copy of an earlier one. */
const PLANTED = 100;

const { seconds, found, planted } = await (kind === 'hashes' ? hashes : texts)(size);
if (found < planted) throw new Error(`${found} of ${planted} copies were found.`);
const bytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ seconds, bytes, found, planted }));

async function hashes(count) {
  const random = Random.from(1, 'bench dedup');
  const low = Uint32Array.from({ length: count }, () => random.int32() >>> 0);
  const high = Uint32Array.from({ length: count }, () => random.int32() >>> 0);
  let planted = 0;
  for (let i = PLANTED; i < count; i += PLANTED, planted++) {
    const of = random.integer(i);
    [low[i], high[i]] = [low[of], high[of]];
    for (let flipped = 0; flipped < IMAGE_DISTANCE; flipped++) {
      const half = flipped % 2 === 0 ? low : high;
      half[i] = (half[i] ^ (1 << random.integer(32))) >>> 0;
    }
  }
  const start = performance.now();
  // Pairs of random hashes are as near now and then: what is planted is looked for by its number.
  const copied = new Uint8Array(count);
  await nearPairs({ low, high }, { distance: IMAGE_DISTANCE }, (_, second) => {
    copied[second] = 1;
  });
  const seconds = (performance.now() - start) / 1000;
  return { seconds, found: copied.filter((one, i) => one && i > 0 && i % PLANTED === 0).length, planted };
}

async function texts(count) {
  const random = Random.from(2, 'bench dedup');
  const words = Array.from({ length: 5000 }, () =>
    Array.from({ length: 2 + random.integer(9) }, () => String.fromCharCode(97 + random.integer(26))).join(
      '',
    ),
  );
  const sentence = () => Array.from({ length: 15 }, () => words[random.integer(words.length)]).join(' ');
  const list = [];
  let planted = 0;
  for (let i = 0; i < count; i++) {
    const copied = i > 0 && i % PLANTED === 0;
    if (copied) planted++;
    list.push(copied ? `${list[random.integer(i)]} indeed` : sentence());
  }
  const source = memoryTexts({ name: 'texts', texts: list, fingerprint: 'made up' });
  const start = performance.now();
  const { pairs } = await findDuplicateTexts(source, [], { within: 'remove' });
  return { seconds: (performance.now() - start) / 1000, found: pairs.length, planted };
}
