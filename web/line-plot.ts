/** Lines that grow while training goes on. */
import { make, makeSvg, setAttributes } from './element.ts';

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [360, 150, 44, 10, 24];

export interface LinePlot {
  figure: HTMLElement;
  /** @param at from 0 to 1 */
  add(line: string, at: number, value: number): void;
  clear(): void;
}

/**
 * @param title what is seen
 * @param lines a class of the style sheet for each
 * @param format of values, for the axis and for those who do not see it
 */
export function linePlot(
  title: string,
  lines: Record<string, string>,
  format: (value: number) => string,
): LinePlot {
  const points = new Map<string, [number, number][]>();
  const paths = new Map(
    Object.entries(lines).map(([name, kind]) => [
      name,
      makeSvg('polyline', { class: `run ${kind}`, fill: 'none' }),
    ]),
  );
  const low = makeSvg('text', { x: LEFT - 6, y: HEIGHT - BOTTOM, 'text-anchor': 'end' });
  const top = makeSvg('text', { x: LEFT - 6, y: TOP + 8, 'text-anchor': 'end' });
  const axis = makeSvg('path', {
    class: 'axis',
    fill: 'none',
    d: `M${LEFT},${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 8}`,
  });
  const svg = makeSvg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' },
    axis,
    low,
    top,
    ...paths.values(),
  );
  const figure = make('figure', {}, make('figcaption', {}, title), svg as unknown as Node);
  const draw = () => {
    const values = [...points.values()].flat().map(([, value]) => value);
    const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
    const span = most - least || 1;
    for (const [name, path] of paths) {
      const places = (points.get(name) ?? []).map(
        ([at, value]) =>
          `${LEFT + at * (WIDTH - LEFT - 8)},${HEIGHT - BOTTOM - ((value - least) / span) * (HEIGHT - BOTTOM - TOP)}`,
      );
      setAttributes(path, { points: places.join(' ') });
    }
    low.textContent = values.length > 0 ? format(least) : '';
    top.textContent = values.length > 0 ? format(most) : '';
    const told = [...points].map(
      ([name, list]) => `${name} from ${format(list[0]![1])} to ${format(list.at(-1)![1])}`,
    );
    setAttributes(svg, { 'aria-label': `${title}: ${told.join('; ') || 'nothing yet'}` });
  };
  draw();
  return {
    figure,
    add(line, at, value) {
      points.set(line, [...(points.get(line) ?? []), [at, value]]);
      draw();
    },
    clear() {
      points.clear();
      draw();
    },
  };
}
