/** Texts: the most and the least anomalous ones with their scores, and some of every set. */
import type { ReadText } from '../../../experiments/index.ts';
import type { Run } from '../../run.ts';
import type { TextSample, TextSampleSet } from '../../text-samples.ts';
import type { Section } from '../page.ts';
import { type Content, type Html, html } from '../template.ts';
import {
  capital,
  className,
  count,
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
import { ROLES } from './sets.ts';

/** What the marks in texts mean; once in each section. */
const MARKS = html`<p class="note">Words that the classifier knows stand upright; those that its vocabulary lacks, which all look
the same to it, are <i class="unknown">in italics with dots below</i>. An ellipsis stands for words that are not shown.</p>`;

export function extremeTextsSection({ results, textSamples }: Run): Section {
  const { many } = subjectOf(results);
  const { base, exposed } = partsOf(results);
  const model = exposed ?? base;
  const sets = textSamples.get(model.name);
  const known = sets?.get('in');
  const strangers = setsOf(results.rows).flatMap((set) => {
    const found = sets?.get(set);
    return found ? [{ set, found }] : [];
  });
  const scoreName = known?.score ?? strangers[0]?.found.score ?? '';
  const list = (title: string, samples: readonly TextSample[], set: TextSampleSet, labelled: boolean) =>
    html`<h4 class="row">${title}</h4>
<ul class="texts">${samples.map((sample) => {
      const { scores, predicted, label } = sample;
      const value = scores[set.score] === undefined ? '?' : scoreText(scores[set.score]!);
      const wrong = labelled && label !== undefined && label !== predicted;
      return html`<li><b>${value}</b> ${marked(sample)} <span class="note">read as ${className(results, predicted)}${
        wrong && html`, <em>is ${className(results, label)}</em>`
      }</span></li>`;
    })}</ul>`;
  return {
    id: 'texts',
    title: 'Texts it found most and least strange',
    short: 'Texts',
    body:
      !known && strangers.length === 0
        ? missing('texts')
        : html`<p>From the model ${modelTitle(model.name)}${results.seeds.length > 1 ? ` of the first seed (${results.seeds[0]})` : ''}, by the score ${scoreTitle(scoreName)}.
In front of each text its score, higher being stranger; behind it the class it was read as.</p>
${MARKS}
${
  known &&
  html`<h3>${capital(many)}</h3>
${list('Most strange: false alarms come from these', known.most, known, true)}
${list('Least strange', known.least, known, true)}`
}
${strangers.map(
  ({ set, found }) => html`<h3>${setTitle(set)}</h3>
${setDescription(set) && html`<p class="note">${capital(setDescription(set))}.</p>`}
${list('Most strange: surely noticed', found.most, found, false)}
${list(`Least strange: most easily taken for ${many}`, found.least, found, false)}`,
)}`,
  };
}

export function textSetsSection({ results, textSheets }: Run): Section {
  const { many } = subjectOf(results);
  return {
    id: 'sets',
    title: 'What it was taught, shown and judged by',
    short: 'Sets',
    body:
      textSheets.length === 0
        ? missing('texts of the sets')
        : html`<p>A few texts of each set, drawn at random.</p>
${MARKS}
${ROLES.map(([role, title]) => {
  const ofRole = textSheets.filter((sheet) => sheet.role === role);
  return (
    ofRole.length > 0 &&
    html`<h3>${title(many)}</h3>
<div class="pair">${ofRole.map(
      ({ name, count: all, texts }) => html`<div><h4 class="row">${setTitle(name)}</h4>
<ul class="texts">${texts.map((text) => html`<li>${marked(text)}</li>`)}</ul>
<p class="note">${setDescription(name) && `${capital(setDescription(name))}. `}${count(texts.length)} of ${count(all)} texts.</p></div>`,
    )}</div>`
  );
})}`,
  };
}

/** The text, with the words that the model does not know set apart. */
function marked({ words, unknown, cut }: ReadText): Html {
  const missed = new Set(unknown);
  const pieces = words.map((word, i): Content => {
    const space = i === 0 ? '' : ' ';
    return missed.has(i) ? html`${space}<i class="unknown">${word}</i>` : `${space}${word}`;
  });
  return html`<span class="wrap">${pieces}${cut && ' …'}</span>`;
}
