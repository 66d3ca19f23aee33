/** Some pictures of every set: what the classifier was taught, shown, and judged by. */
import type { Run } from '../../run.ts';
import type { Sheet } from '../../sheets.ts';
import type { Section } from '../page.ts';
import { type Content, html, trusted } from '../template.ts';
import { capital, count, setDescription, setTitle, subjectOf } from '../words.ts';
import { missing } from './missing.ts';

/** Sheets up to this width, in pixels. */
const ENLARGED_BELOW = 200;

/** The parts that sets play, in the order of the report, and what they are called there. */
export const ROLES: readonly [role: string, title: (many: string) => string][] = [
  ['in-distribution train', (many) => `Taught: ${many}`],
  ['in-distribution test', (many) => `Judged by: ${many}`],
  ['outliers for training', () => 'Shown as outliers while training'],
  ['outliers for test', () => 'Strangers that it is judged by'],
  ['outliers for validation', () => 'Strangers to choose settings by'],
];

export function setsSection({ results, sheets }: Run): Section {
  const { many } = subjectOf(results);
  return {
    id: 'sets',
    title: 'What it was taught, shown and judged by',
    short: 'Sets',
    body:
      sheets.length === 0
        ? missing('pictures of the sets')
        : html`<p>A few pictures of each set, drawn at random. What lies outside the range of a picture, as noise may for a
network that normalizes its input, is shown as black or full.</p>
${ROLES.map(([role, title]) => {
  const ofRole = sheets.filter((sheet) => sheet.role === role);
  return (
    ofRole.length > 0 &&
    html`<h3>${title(many)}</h3>
<div class="pair">${ofRole.map(picture)}</div>`
  );
})}`,
  };
}

function picture({ name, count: all, shown, width, height, webp }: Sheet): Content {
  const source = trusted(`data:image/webp;base64,${Buffer.from(webp).toString('base64')}`);
  const description = setDescription(name);
  // Small pictures are shown larger.
  const scale = width <= ENLARGED_BELOW ? 2 : 1;
  return html`<div><h4 class="row">${setTitle(name)}</h4>
<img class="sheet" src="${source}" width="${scale * width}" height="${scale * height}" alt="${shown} pictures of ${setTitle(name)}">
<p class="note">${description && `${capital(description)}. `}${count(shown)} of ${count(all)} pictures.</p></div>`;
}
