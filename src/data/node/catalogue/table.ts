/** The catalogue as the tables of docs/data-sets.md. */
import { bytesText, downloadBytes } from './catalogue.ts';
import type { DataSet } from './schema.ts';

const ROLE_NAMES = { in: 'D_in', outliers: 'D_out^OE', test: 'D_out^test' };

/** A table in Markdown, a row a set. */
export function catalogueMarkdown(sets: readonly DataSet[]): string {
  const rows = sets.map((set) => {
    const { name, title, home, roles, about, terms, files, manual } = set;
    const bytes = downloadBytes(set);
    const size = manual !== undefined ? 'by hand' : bytes === undefined ? '?' : bytesText(bytes);
    const checked = files?.every(({ sha256, md5 }) => sha256 !== undefined || md5 !== undefined);
    return [
      `\`${name}\``,
      `[${title}](${home})`,
      roles.map((role) => ROLE_NAMES[role]).join(', '),
      size,
      manual !== undefined ? '' : checked ? 'published' : 'first fetch',
      `${about}${manual === undefined ? '' : ` **${manual}.**`}`,
      terms,
    ];
  });
  const lines = [
    ['name', 'set', 'role', 'download', 'checksum', 'what', 'terms'],
    ['---', '---', '---', '--:', '---', '---', '---'],
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
