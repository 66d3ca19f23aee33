/** HTML by template strings, in which everything is escaped that is not HTML already. */

/** A piece of HTML that may stand in a page as it is. Only `html` and `trusted` make one. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template; nothing is shown for `undefined`, `null` and `false`. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

/** A template whose values are escaped, in text and in quoted attributes. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? show(values[i]) : '')).join(''));
}

/** Text that is HTML already: our own, or made by a serializer. Never anything that comes from data. */
export function trusted(text: string): Html {
  return new Html(text);
}

function show(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(show).join('');
  return escaped(String(value));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
