/** A picture with its caption and the values behind it. */
import { modelStyle } from './plots/render.ts';
import { type HtmlTable, table } from './table.ts';
import { type Content, type Html, html, trusted } from './template.ts';
import { modelTitle } from './words.ts';

export interface FigureOptions {
  /** A heading of the third level. */
  title?: Content;
  caption: Content;
  /** One plot, or several side by side. */
  plots: readonly { title?: Content; plot: Content }[];
  values: HtmlTable;
  /** Where the caption stands on wide screens: above the plots, or beside them. Default: above. */
  layout?: 'above' | 'beside';
}

export function figure({ title, caption, plots, values, layout = 'above' }: FigureOptions): Html {
  return html`<figure class="${layout}">
<figcaption>${title && html`<h3>${title}</h3>`}${caption}</figcaption>
<div class="plots">${plots.map(
    ({ title: name, plot }) => html`<div>${name && html`<h4>${name}</h4>`}${plot}</div>`,
  )}</div>
${behind(values)}
</figure>`;
}

/** One plot over the whole width, drawn twice: for wide and for narrow screens. */
export function wideFigure(caption: Content, wide: Content, narrow: Content, values: HtmlTable): Html {
  return html`<figure>
<figcaption>${caption}</figcaption>
<div class="wide">${wide}</div><div class="narrow">${narrow}</div>
${behind(values)}
</figure>`;
}

function behind(values: HtmlTable): Html {
  return html`<details><summary>The values as a table</summary>${table(values)}</details>`;
}

/** What the lines and marks of the models look like. */
export function modelLegend(names: readonly string[], kind: 'line' | 'dot'): Html {
  return legend(
    names.map((name, place) => {
      const { color, dash, symbol } = modelStyle(place);
      const fill = place === 0 ? 'var(--paper)' : color;
      const mark =
        symbol === 'circle'
          ? html`<circle cx="16" cy="7" r="5" fill="${fill}" stroke="${color}" stroke-width="2"/>`
          : html`<path d="M16 1L22 7L16 13L10 7Z" fill="${fill}" stroke="${color}" stroke-width="1"/>`;
      const line = html`<path d="M1 7H31" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/>`;
      return { title: modelTitle(name), mark: kind === 'line' ? line : mark };
    }),
  );
}

export function legend(entries: readonly { title: Content; mark: Html }[]): Html {
  return html`<ul class="legend" aria-label="Legend">${entries.map(
    ({ title, mark }) =>
      html`<li>${trusted('<svg width="32" height="14" aria-hidden="true">')}${mark}${trusted('</svg>')} ${title}</li>`,
  )}</ul>`;
}
