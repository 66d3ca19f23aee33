/** Texts as readers find them, packed into a set. */
import { OutlierExposureError } from '../../errors.ts';
import { ClassNumbers, type ClassNumbersOptions } from './class-numbers.ts';
import { checkedIndex, type TextSource } from './source.ts';
import { checkMaxTokens } from './tokenizer.ts';
import { firstWords, isWhitespace } from './words.ts';

/** The default of `memory`: WikiText-103 takes half of it. */
export const TEXT_MEMORY = 2 ** 30;
/** Offsets are 32-bit numbers. */
const MAX_MEMORY = 2 ** 32 - 1;

export interface CollectorOptions extends ClassNumbersOptions {
  /** Keep the texts of this label alone. */
  only?: string;
  /** What to call the file of labels in errors, where it is another. */
  labelsName?: string;
  /** Words of a text to keep; all unless given. */
  maxTokens?: number;
  /** The most bytes of text to hold, 1 GiB unless given. */
  memory?: number;
}

/** Takes texts from a reader. They are held as UTF-8, outside of JavaScript's heap. */
export class TextCollector {
  readonly #options: CollectorOptions;
  readonly #classes: ClassNumbers;
  readonly #dropped: Record<string, number> = {};
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(2 ** 16);
  #offsets = new Uint32Array(1024);
  #length = 0;
  #labelled = 0;
  #unlabelled = 0;

  constructor(options: CollectorOptions) {
    if (options.maxTokens !== undefined) checkMaxTokens(options.maxTokens);
    this.#options = options;
    this.#classes = new ClassNumbers({ ...options, name: options.labelsName ?? options.name });
  }

  /** Counts something that is left out. */
  drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  /**
   * Takes a text. Texts without a word are left out, and so are those whose label says so.
   *
   * @param label the class as the file says it; nothing for files without labels
   * @param line where it stands, for errors
   * @throws OutlierExposureError `unsupported` when there is no room
   */
  add(text: string, label: string | undefined, line: number): void {
    const { labels, only, maxTokens, name } = this.#options;
    let [start, end] = [0, text.length];
    while (start < end && isWhitespace(text.charCodeAt(start))) start++;
    while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
    if (start === end) {
      this.drop('empty');
      return;
    }
    if (only !== undefined && label?.trim() !== only) {
      this.drop('of another label');
      return;
    }
    const trimmed = text.slice(start, end);
    if (labels !== 'none' && label !== undefined) {
      if (!this.#classes.add(label, line)) {
        this.drop('neutral');
        return;
      }
      this.#labelled++;
    } else this.#unlabelled++;
    if (this.#labelled > 0 && this.#unlabelled > 0) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has ${label === undefined ? 'no label' : 'a label'} in line ${line}, unlike the lines before: all texts need one, or none.`,
      );
    }
    this.#append(maxTokens === undefined ? trimmed : firstWords(trimmed, maxTokens));
  }

  /**
   * The set of all texts taken.
   *
   * @param fingerprint what they came from
   * @throws OutlierExposureError `invalid-file` when there are none
   */
  finish(fingerprint: string): TextSource {
    const { name, labels: mode } = this.#options;
    const length = this.#length;
    if (length === 0) {
      const reasons = Object.entries(this.#dropped).map(([reason, count]) => `${count} ${reason}`);
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has no texts${reasons.length > 0 ? `; left out: ${reasons.join(', ')}` : ': it is empty'}.`,
      );
    }
    if (mode !== 'fine' && mode !== 'none' && this.#labelled === 0) {
      throw new OutlierExposureError('invalid-argument', `${name} has no labels that could be made ${mode}.`);
    }
    const offsets = this.#offsets.slice(0, length + 1);
    const bytes = this.#bytes.slice(0, offsets[length]);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      name,
      length,
      ...(this.#labelled > 0 && this.#classes.finish()),
      fingerprint,
      dropped: this.#dropped,
      text(index) {
        checkedIndex(index, { name, length });
        return decoder.decode(bytes.subarray(offsets[index]!, offsets[index + 1]!));
      },
    };
  }

  #append(text: string): void {
    const { memory = TEXT_MEMORY, name } = this.#options;
    const used = this.#offsets[this.#length]!;
    const room = Math.min(memory, MAX_MEMORY);
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    if (used + 3 * text.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, used + 3 * text.length));
      larger.set(this.#bytes.subarray(0, used));
      this.#bytes = larger;
    }
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(used));
    if (used + written > room) {
      throw new OutlierExposureError(
        'unsupported',
        `${name} has more than ${room} bytes of text, which is the most to be held in memory; read fewer words of each text (maxTokens), split the file, or allow more (memory).`,
      );
    }
    if (this.#length + 1 === this.#offsets.length) {
      const larger = new Uint32Array(2 * this.#offsets.length);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[++this.#length] = used + written;
  }
}
