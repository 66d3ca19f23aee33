/** Texts without what does not tell them apart: case, accents, punctuation, spacing. */

/** Words in small letters, by one space; a text without letters and digits stays as it is, trimmed. */
export function normalizedText(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    // Apostrophes stand inside words.
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return plain === '' ? text.trim() : plain;
}

/** Letters of a shingle: short enough that a typing mistake spoils few, long enough that texts share few. */
const SHINGLE = 5;

/** The hashes of all pieces of five letters, each once, ascending; a shorter text is one piece. */
export function shinglesOf(normalized: string): Uint32Array {
  const count = Math.max(1, normalized.length - SHINGLE + 1);
  const hashes = new Uint32Array(count);
  for (let start = 0; start < count; start++) {
    let hash = 0x811c9dc5;
    for (let at = start; at < Math.min(normalized.length, start + SHINGLE); at++)
      hash = Math.imul(hash ^ normalized.charCodeAt(at), 0x01000193);
    hashes[start] = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ (hash >>> 13);
  }
  hashes.sort();
  let kept = 0;
  for (let i = 0; i < count; i++) if (i === 0 || hashes[i] !== hashes[i - 1]) hashes[kept++] = hashes[i]!;
  return hashes.subarray(0, kept);
}

/** |A ∩ B| / |A ∪ B| of two ascending lists, 0 to 1. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let [i, j, both] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i]! === b[j]!) {
      both++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return both / (a.length + b.length - both);
}
