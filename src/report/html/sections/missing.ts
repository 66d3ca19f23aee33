/** What the sections say about what a run's folder holds, and does not hold. */
import type { ExperimentResults } from '../../../experiments/results.ts';
import { type Html, html } from '../template.ts';

export function missing(what: string): Html {
  return html`<p class="note">The run’s folder holds no ${what}, so that there is nothing to draw here; running the experiment again makes them.</p>`;
}

/** Which models' and draws' scores the pictures show. */
export function whoseScores({ seeds, draws }: Pick<ExperimentResults, 'seeds' | 'draws'>): string {
  const parts = [
    seeds.length > 1
      ? `The pictures show the models of the first seed (${seeds[0]}) alone; the tables average over all ${seeds.length}.`
      : '',
    draws > 1
      ? `They show the strangers of all ${draws} draws together, where the tables average over the draws.`
      : '',
  ];
  return parts.filter(Boolean).join(' ');
}
