/** What a generator made as training went on: a row an epoch. */
import type { ShownAlbum } from '../../album.ts';
import type { Run } from '../../run.ts';
import type { Section } from '../page.ts';
import { type Content, html, trusted } from '../template.ts';
import { modelTitle, subjectOf } from '../words.ts';

/** Pictures up to this width, in pixels, are shown larger. */
const ENLARGED_UP_TO = 400;

/** @returns nothing where no model was trained with a generator */
export function albumSection({ results, albums }: Run): Section | undefined {
  if (albums.length === 0) return undefined;
  const { many } = subjectOf(results);
  return {
    id: 'album',
    title: 'What the generator made',
    short: 'Made images',
    body: html`<p>Beside the classifier two more networks were trained: a generator, which makes images from random numbers, and
a discriminator, which tells them from real ${many}. The generator's images are to look like ${many}, yet the classifier is to be
unsure of them: strangers as near as can be to what it knows. A row shows what the same random numbers became, at the end of
an epoch; the first is at the top.</p>
${albums.map((album) => picture(album, results.seeds))}`,
  };
}

function picture(
  { model, epochs, columns, width, height, webp }: ShownAlbum,
  seeds: readonly number[],
): Content {
  const source = trusted(`data:image/webp;base64,${Buffer.from(webp).toString('base64')}`);
  const scale = width <= ENLARGED_UP_TO ? 2 : 1;
  const rows =
    epochs.length === 1
      ? `epoch ${epochs[0]}`
      : `epochs ${epochs.slice(0, -1).join(', ')} and ${epochs.at(-1)}`;
  return html`<h3>${modelTitle(model)}</h3>
<img class="sheet" src="${source}" width="${scale * width}" height="${scale * height}" alt="${columns} images that the generator made after each of the ${rows}">
<p class="note">From the top: ${rows}.${seeds.length > 1 && ` Of the first seed (${seeds[0]}).`}</p>`;
}
