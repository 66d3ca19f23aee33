/** Histograms of scores, as SVG. */
const SVG = 'http://www.w3.org/2000/svg';
const BINS = 30;
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [360, 170, 8, 8, 34];

/**
 * Two histograms over one axis, each scaled to its own number of examples; the outliers' line is dashed.
 *
 * @param title what is seen
 * @param words the same for those who do not see it
 * @param range of the scores
 */
export function histogram(
  title: string,
  words: string,
  { inliers, outliers, range }: { inliers: Float32Array; outliers: Float32Array; range: [number, number] },
): HTMLElement {
  const shares = [inliers, outliers].map((scores) => sharesOf(scores, range));
  // The square root keeps small groups visible beside a tall peak.
  const tallest = Math.sqrt(Math.max(...shares.flat()));
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words });
  const base = HEIGHT - BOTTOM;
  const step = (WIDTH - 2 * LEFT) / BINS;
  for (const [i, kind] of ['in', 'out'].entries()) {
    const tops = shares[i]!.map((share) => base - (Math.sqrt(share) / tallest) * (base - TOP));
    const line = tops.map((top, bin) => `L${LEFT + bin * step},${top}h${step}`).join('');
    svg.append(element('path', { class: kind, d: `M${LEFT},${base}${line}V${base}Z` }));
  }
  svg.append(element('line', { class: 'axis', x1: LEFT, x2: WIDTH - LEFT, y1: base, y2: base }));
  const label = (x: number, anchor: string, text: string) => {
    const node = element('text', { x, y: HEIGHT - 18, 'text-anchor': anchor });
    node.textContent = text;
    svg.append(node);
  };
  label(LEFT, 'start', '← sure');
  label(WIDTH / 2, 'middle', 'score');
  label(WIDTH - LEFT, 'end', 'unsure →');
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  caption.textContent = title;
  figure.append(caption, svg);
  return figure;
}

function sharesOf(scores: Float32Array, [low, high]: [number, number]): number[] {
  const shares = new Array<number>(BINS).fill(0);
  for (const score of scores) {
    const bin = Math.floor(((score - low) / (high - low)) * BINS);
    shares[Math.min(BINS - 1, Math.max(0, bin))]! += 1 / scores.length;
  }
  return shares;
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}
