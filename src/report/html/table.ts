/** Tables that a screen reader can find its way in. */
import { type Content, type Html, html } from './template.ts';

export interface HtmlTable {
  caption: Content;
  /** Above the header: names for runs of columns; the first column has none. */
  groups?: readonly { title: Content; columns: number }[];
  /** The first names the rows. */
  header: readonly Content[];
  /** The first cell of each is its name. */
  rows: readonly (readonly (Content | Cell)[])[];
  /** Rows set apart: means. */
  footer?: readonly (readonly (Content | Cell)[])[];
  /** Columns of words, counted from 0; others are numbers. */
  text?: readonly number[];
}

export interface Cell {
  content: Content;
  kind: string;
}

export function table({ caption, groups, header, rows, footer = [], text = [] }: HtmlTable): Html {
  const kindOf = (column: number, kind = '') =>
    [text.includes(column) ? 'text' : '', kind].filter(Boolean).join(' ');
  const line = (cells: readonly (Content | Cell)[]) =>
    html`<tr>${cells.map((cell, column) => {
      const { content, kind } = isCell(cell) ? cell : { content: cell, kind: '' };
      return column === 0
        ? html`<th scope="row">${content}</th>`
        : html`<td class="${kindOf(column, kind)}">${content}</td>`;
    })}</tr>`;
  return html`<div class="scroll"><table>
<caption>${caption}</caption>
<thead>${
    groups &&
    html`<tr><td></td>${groups.map(({ title, columns }) => html`<th scope="colgroup" colspan="${columns}">${title}</th>`)}</tr>`
  }<tr>${header.map((cell, column) => html`<th scope="col" class="${kindOf(column)}"><span>${cell}</span></th>`)}</tr></thead>
<tbody>${rows.map(line)}</tbody>
${footer.length > 0 && html`<tfoot>${footer.map(line)}</tfoot>`}
</table></div>`;
}

function isCell(value: Content | Cell): value is Cell {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
