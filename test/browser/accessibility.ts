/** What an open page is like for those who do not see it, see it badly, or have no mouse. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** WCAG 2.1, levels A and AA, and axe's advice on landmarks, headings and names. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/**
 * Each broken rule with the element that breaks it, and how: one line each.
 *
 * What axe leaves undecided counts as broken. It cannot decide on what is inside a picture: `paleParts` does.
 *
 * @param page of a context of its own: axe opens a second page beside it
 */
export async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(TAGS).exclude('svg > *').analyze();
  return [...found.violations, ...found.incomplete].flatMap(({ id, help, nodes }) =>
    nodes
      // Dashes and digits alone, and cells beside a column that stays while the others scroll, have the colours of cells
      // that axe can decide on, the latter in wider windows.
      .filter(({ any }) => !['shortTextContent', 'elmPartiallyObscured'].includes(any[0]?.data?.messageKey))
      .map(({ target, any }) => `${id} (${help}): ${target.join(' ')} ${any[0]?.message ?? ''}`.trim()),
  );
}

/** The ratio of WCAG between the luminances of two colours, for pages: from 1 (the same) to 21. */
const CONTRAST = `const contrast = (() => {
  const luminance = (color) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
})();
const paper = getComputedStyle(document.body).backgroundColor;`;

/** Text in pictures with less contrast to the page than 4.5, and marks with less than 3; and how many were looked at. */
export async function paleParts(page: Page, marks: string): Promise<{ pale: string[]; checked: number }> {
  return page.evaluate(`(() => {
    ${CONTRAST}
    const pale = [];
    let checked = 0;
    const check = (element, color, least) => {
      if (color === 'none') return;
      checked++;
      const ratio = contrast(color, paper);
      if (ratio < least) pale.push(element.outerHTML.slice(0, 120) + ' ' + color + ' ' + ratio.toFixed(2));
    };
    for (const text of document.querySelectorAll('svg text')) check(text, getComputedStyle(text).fill, 4.5);
    for (const mark of document.querySelectorAll(${JSON.stringify(marks)})) check(mark, getComputedStyle(mark).stroke, 3);
    return { pale, checked };
  })()`);
}

export interface Reached {
  /** Everything visible that can be operated, in the page's order. */
  expected: string[];
  /** What Tab reached, in this order. */
  reached: string[];
  /** What has no ring around it that can be seen, or lies outside the window, while it has the focus. */
  unseen: string[];
}

/** Goes through a page with Tab, from its beginning. */
export async function tabThrough(page: Page): Promise<Reached> {
  const describe = `const describe = (element) => {
    const all = [...document.querySelectorAll('*')];
    return element.tagName.toLowerCase() + ' ' + all.indexOf(element) + ' ' +
      (element.getAttribute('aria-label') || element.textContent || element.id).trim().slice(0, 30);
  };`;
  const expected = (await page.evaluate(`(() => {
    ${describe}
    return [...document.querySelectorAll('a[href], button, select, input, textarea, summary, [tabindex="0"]')]
      .filter((element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }))
      .map(describe);
  })()`)) as string[];
  await page.evaluate(
    'document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex")',
  );
  const [reached, unseen]: [string[], string[]] = [[], []];
  for (let i = 0; i < 2 * expected.length + 10; i++) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(() => {
      ${describe}
      ${CONTRAST}
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const ring = outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 && contrast(outlineColor, paper) >= 3;
      const inside = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
      return { name: describe(element), seen: ring && inside };
    })()`)) as { name: string; seen: boolean } | undefined;
    if (!stop || reached.includes(stop.name)) break;
    reached.push(stop.name);
    if (!stop.seen) unseen.push(stop.name);
  }
  return { expected, reached, unseen };
}
