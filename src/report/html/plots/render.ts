/** Draws with Observable Plot in Node, to SVG that needs nothing else. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Html, trusted } from '../template.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** The colours are the page's, so that they follow light and dark; see style.ts. */
export const IN = 'var(--in)';
export const OUT = 'var(--out)';
export const INK = 'var(--ink)';
export const FAINT = 'var(--faint)';

/** By the model's place: lines and marks differ by more than their colour. */
const MODEL_STYLES = [
  { color: 'var(--model-1)', dash: '6,4', symbol: 'circle' },
  { color: 'var(--model-2)', dash: 'none', symbol: 'circle' },
  { color: 'var(--model-3)', dash: '2,3', symbol: 'diamond' },
  { color: 'var(--model-4)', dash: '8,3,2,3', symbol: 'square' },
] as const;

export function modelStyle(place: number): (typeof MODEL_STYLES)[number] {
  return MODEL_STYLES[place % MODEL_STYLES.length]!;
}

/**
 * @param label what the picture shows, for those who do not see it
 */
export function draw(label: string, options: Plot.PlotOptions): Html {
  const svg = Plot.plot({ ...options, document: document as unknown as Document, className: 'plot' });
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  // The size is the viewBox's: the page may show it smaller, never larger.
  svg.setAttribute('style', `max-width:${options.width}px;font-size:12.5px`);
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  return trusted(compact(svg.outerHTML));
}

/** Tenths of a pixel are fine enough: numbers in tags are cut there. */
function compact(svg: string): string {
  return svg.replaceAll(/<(?!svg)[^>]*>/g, (tag) =>
    // Plot's names of its layers are hidden from readers by the picture's own.
    tag.replaceAll(/(-?\d+\.\d)\d+/g, '$1').replaceAll(/ aria-(?:hidden|label)="[a-z -]*"/g, ''),
  );
}

/** Leaves out points that lie within half a pixel of those kept, given where they are drawn. */
export function thinned<T>(points: readonly T[], place: (point: T) => readonly [x: number, y: number]): T[] {
  const kept: T[] = [];
  let last: readonly [number, number] | undefined;
  let skipped: T | undefined;
  for (const point of points) {
    const at = place(point);
    if (last && Math.abs(at[0] - last[0]) < 0.75 && Math.abs(at[1] - last[1]) < 0.75) {
      skipped = point;
      continue;
    }
    if (skipped !== undefined) kept.push(skipped);
    kept.push(point);
    [last, skipped] = [at, undefined];
  }
  if (skipped !== undefined) kept.push(skipped);
  return kept;
}
