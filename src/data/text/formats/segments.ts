/** Marked segments: the SGML and XML of translation tasks (WMT), and the numbered lines of LDC's treebanks. */
import { OutlierExposureError } from '../../../errors.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** A segment of so many characters is not closed. */
const MAX_SEGMENT = 2 ** 22;
const OPEN = /<seg\b[^>]*>/gi;
const CLOSE = /<\/seg\s*>/gi;
/** `<en=10> I 'll post highlights .` */
const NUMBERED = /^<[a-z]{2}=\d+>(.*)$/;
/** Lines with which files of this format begin. */
export const SEGMENT_LINE = /^\s*(<(srcset|refset|tstset|mteval|seg)\b|<[a-z]{2}=\d+>)/i;

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads what stands inside of `<seg>` elements, with character codes (`&amp;`, `&#39;`) as their characters and without
 * tags, a text each; and lines that begin with a number such as `<en=1>`, as they stand. What is outside is left out.
 */
export function segmentsReader({ name, out }: ReaderOptions): LineReader {
  // Of a segment that is not closed yet, the lines so far.
  let open: string[] | undefined;
  let [first, size] = [0, 0];
  const unclosed = () =>
    new OutlierExposureError(
      'invalid-file',
      `${name}, line ${first}: a <seg> is opened and not closed; close it, or read the file as lines when its tags mean nothing.`,
    );
  return {
    line(line, number) {
      const numbered = open ? undefined : NUMBERED.exec(line)?.[1];
      if (numbered !== undefined) return out.add(numbered, undefined, number);
      let at = 0;
      for (;;) {
        if (!open) {
          const tag = next(OPEN, line, at);
          if (!tag) return;
          [open, first, size] = [[], number, 0];
          at = tag.end;
        }
        const close = next(CLOSE, line, at);
        const part = line.slice(at, close?.start);
        open.push(part);
        size += part.length + 1;
        if (size > MAX_SEGMENT) throw unclosed();
        if (!close) return;
        out.add(plain(open.join(' ')), undefined, first);
        open = undefined;
        at = close.end;
      }
    },
    end() {
      if (open) throw unclosed();
    },
  };
}

function next(tag: RegExp, line: string, from: number): { start: number; end: number } | undefined {
  tag.lastIndex = from;
  const found = tag.exec(line);
  return found ? { start: found.index, end: tag.lastIndex } : undefined;
}

/** Markup as the text that it stands for. */
function plain(markup: string): string {
  return markup
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(/&(?:#(x?)([\da-f]{1,6})|(\w+));/gi, character);
}

function character(all: string, hexadecimal?: string, number?: string, entity?: string): string {
  if (entity !== undefined) return CHARACTERS[entity.toLowerCase()] ?? all;
  const code = Number.parseInt(number!, hexadecimal ? 16 : 10);
  const known = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return known ? String.fromCodePoint(code) : all;
}
