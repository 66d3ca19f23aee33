/** The most and the least anomalous pictures of each set, with their scores. */
import type { Run } from '../../run.ts';
import type { Sample, SampleSet } from '../../samples.ts';
import type { Section } from '../page.ts';
import { type Content, html, trusted } from '../template.ts';
import {
  capital,
  modelTitle,
  partsOf,
  score as scoreText,
  scoreTitle,
  setDescription,
  setsOf,
  setTitle,
  subjectOf,
} from '../words.ts';
import { missing } from './missing.ts';

export function picturesSection({ results, samples }: Run): Section {
  const { one, many } = subjectOf(results);
  const { base, exposed } = partsOf(results);
  const model = exposed ?? base;
  const sets = samples.get(model.name);
  const known = sets?.get('in');
  const strangers = setsOf(results.rows).flatMap((set) => {
    const found = sets?.get(set);
    return found ? [{ set, found }] : [];
  });
  const scoreName = known?.score ?? strangers[0]?.found.score ?? '';
  return {
    id: 'pictures',
    title: 'Pictures it found most and least strange',
    short: 'Pictures',
    body:
      !known && strangers.length === 0
        ? missing('pictures')
        : html`<p>From the model ${modelTitle(model.name)}${results.seeds.length > 1 ? ` of the first seed (${results.seeds[0]})` : ''}, by the score ${scoreTitle(scoreName)}.
Under each picture its score, higher being stranger, and the class it was read as.</p>
${
  known &&
  html`<h3>${capital(many)}</h3>
${row(`Most strange: false alarms come from these`, known.most, known, one, true)}
${row(`Least strange`, known.least, known, one, true)}`
}
${strangers.map(
  ({ set, found }) => html`<h3>${setTitle(set)}</h3>
${setDescription(set) && html`<p class="note">${capital(setDescription(set))}.</p>`}
${row('Most strange: surely noticed', found.most, found, setTitle(set), false)}
${row(`Least strange: most easily taken for ${many}`, found.least, found, setTitle(set), false)}`,
)}`,
  };
}

function row(
  title: string,
  list: readonly Sample[],
  { score, width, height }: SampleSet,
  what: string,
  labelled: boolean,
): Content {
  return html`<h4 class="row">${title}</h4>
<ul class="pictures">${list.map(({ index, scores, predicted, label, png }) => {
    const value = scores[score] === undefined ? '?' : scoreText(scores[score]);
    const wrong = labelled && label !== undefined && label !== predicted;
    const read = html`read as ${predicted}${wrong && html`<br><em>is ${label}</em>`}`;
    const source = trusted(`data:image/png;base64,${Buffer.from(png).toString('base64')}`);
    return html`<li><img src="${source}" width="${width}" height="${height}" alt="${what} number ${index}"><b>${value}</b><br>${read}</li>`;
  })}</ul>`;
}
