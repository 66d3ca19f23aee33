/** Elements of the page, found and made. */
const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Record<string, string | number>;

/** The element of an id that the page's HTML has. */
export function find<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page lacks #${id}.`);
  return found as T;
}

/** An HTML element with attributes and children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** An SVG element with attributes and children. */
export function makeSvg(
  name: string,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElement {
  const element = document.createElementNS(SVG, name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** A share as a percentage, with a digit behind the point. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}
