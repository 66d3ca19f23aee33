/** Test examples to pick from: a list that arrow keys go through. */
import { make } from './element.ts';
import type { ShownSet } from './load.ts';
import { type Shape, showPixels } from './pixels.ts';

/** More would be a long way down the page. */
const MOST = { images: 60, texts: 12 };

/** @param onPick told the example's number in the set */
export async function showGallery(
  list: HTMLElement,
  set: ShownSet,
  { shape, title, classes }: { shape: Shape | undefined; title: string; classes: readonly string[] },
  onPick: (index: number) => void,
): Promise<void> {
  const count = Math.min(set.count, shape ? MOST.images : MOST.texts);
  const described = (i: number) => {
    const label = set.labels?.[i];
    return `${title} ${i + 1}${label === undefined ? '' : `, ${classes[label] ?? label}`}`;
  };
  const options: HTMLElement[] = [];
  const size = shape ? shape[0] * shape[1] * shape[2] : 0;
  for (let i = 0; i < count; i++) {
    const option = make('div', { role: 'option', id: `example-${i}`, 'aria-selected': 'false' });
    if (shape && 'read' in set.examples) {
      const pixels = new Float32Array(size);
      await set.examples.read([i], pixels);
      const canvas = make('canvas');
      showPixels(canvas, pixels, shape);
      option.append(canvas);
      option.setAttribute('aria-label', described(i));
    } else option.textContent = set.texts![i]!.slice(0, 160);
    option.addEventListener('click', () => pick(i));
    options.push(option);
  }
  let current = -1;
  const pick = (index: number) => {
    options[current]?.setAttribute('aria-selected', 'false');
    current = index;
    const option = options[index]!;
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    list.setAttribute('aria-activedescendant', option.id);
    onPick(index);
  };
  list.onkeydown = (event) => {
    const columns = shape ? Math.max(1, Math.floor(list.clientWidth / (options[0]?.offsetWidth || 1))) : 1;
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
    };
    const to =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? count - 1
          : event.key in steps
            ? current + steps[event.key]!
            : -1;
    if (to < 0 || to >= count) return;
    event.preventDefault();
    pick(to);
  };
  list.removeAttribute('aria-activedescendant');
  list.setAttribute('aria-label', title);
  list.classList.toggle('texts', !shape);
  list.replaceChildren(...options);
}
