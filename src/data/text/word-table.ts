/** Numbers of words that are parts of texts, without making a string of each: what encoding spends its time on. */

/** Words by their UTF-16 units, numbered in the order they were added: a hash table with open addressing. */
export class WordTable {
  /** Units of all words, one after the other. */
  #units = new Uint16Array(2 ** 16);
  /** Where words begin in `units`, and where the last one ends. */
  #starts = new Uint32Array(2 ** 12);
  #hashes = new Int32Array(2 ** 12);
  /** A word's number + 1 at its hash's place or the next free one; a power of two long, and at most half full. */
  #places = new Int32Array(2 ** 13);
  #size = 0;

  /** How many words there are. */
  get size(): number {
    return this.#size;
  }

  /** The number of the word at `start` to `end` of a text; −1 when it is not there. */
  find(text: string, start: number, end: number): number {
    return this.#places[this.#placeOf(text, start, end, hashOf(text, start, end))]! - 1;
  }

  /** The number of the word at `start` to `end` of a text, which is added when it is not there. */
  add(text: string, start: number, end: number): number {
    const hash = hashOf(text, start, end);
    const known = this.#places[this.#placeOf(text, start, end, hash)]! - 1;
    if (known >= 0) return known;
    const from = this.#starts[this.#size]!;
    this.#makeRoom(from + end - start);
    this.#places[this.#placeOf(text, start, end, hash)] = this.#size + 1;
    for (let i = start; i < end; i++) this.#units[from + i - start] = text.charCodeAt(i);
    this.#hashes[this.#size++] = hash;
    this.#starts[this.#size] = from + end - start;
    return this.#size - 1;
  }

  /** A word by its number. */
  word(number: number): string {
    let word = '';
    // In pieces, as there is an end to the number of arguments.
    for (let from = this.#starts[number]!; from < this.#starts[number + 1]!; from += 4096)
      word += String.fromCharCode(
        ...this.#units.subarray(from, Math.min(from + 4096, this.#starts[number + 1]!)),
      );
    return word;
  }

  #placeOf(text: string, start: number, end: number, hash: number): number {
    const mask = this.#places.length - 1;
    for (let place = (hash ^ (hash >>> 15)) & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place]! - 1;
      if (number < 0) return place;
      if (this.#hashes[number] === hash && this.#is(number, text, start, end)) return place;
    }
  }

  #is(number: number, text: string, start: number, end: number): boolean {
    const from = this.#starts[number]!;
    if (this.#starts[number + 1]! - from !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#units[from + i - start] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Room for one more word whose last unit is before `end`. */
  #makeRoom(end: number): void {
    if (end > this.#units.length) {
      const units = new Uint16Array(Math.max(2 * this.#units.length, end));
      units.set(this.#units);
      this.#units = units;
    }
    if (this.#size + 2 > this.#starts.length) {
      const [starts, hashes] = [
        new Uint32Array(2 * this.#starts.length),
        new Int32Array(2 * this.#starts.length),
      ];
      starts.set(this.#starts);
      hashes.set(this.#hashes);
      [this.#starts, this.#hashes] = [starts, hashes];
    }
    if (2 * (this.#size + 1) > this.#places.length) this.#spread();
  }

  /** Puts all words into twice as many places. */
  #spread(): void {
    const old = this.#places;
    this.#places = new Int32Array(2 * old.length);
    const mask = this.#places.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const hash = this.#hashes[number]!;
      let place = (hash ^ (hash >>> 15)) & mask;
      while (this.#places[place]) place = (place + 1) & mask;
      this.#places[place] = number + 1;
    }
  }
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
