/** The answer in a sentence, computed from the numbers and honest when they got worse. */
import type { ResultRow } from '../../evaluation/index.ts';
import type { ExperimentResults } from '../../experiments/results.ts';
import {
  count,
  list,
  partsOf,
  setDescription,
  setsOf,
  setTitle,
  share,
  shareWithSpread,
  spreadNote,
  subjectOf,
} from './words.ts';

export interface Answer {
  /** The answer in one sentence. */
  sentence: string;
  /** What it leaves out: sets that got worse, how sure it is. */
  more: string[];
}

/** Beyond this many standard errors, two error rates are called different. */
const STANDARD_ERRORS = 2;

export function answerOf(results: ExperimentResults): Answer {
  const { rows, config } = results;
  const { base, exposed } = partsOf(results);
  const { many } = subjectOf(results);
  const scoreName = rows[0]!.score;
  const find = (model: string, set: string) =>
    rows.find((row) => row.model === model && row.score === scoreName && row.set === set);
  const sets = setsOf(rows.filter(({ score }) => score === scoreName));
  const before = meanOf(find, base.name, sets);
  const n = rows[0]!.n;
  const condition = `when ${n} % of the strangers are to be found`;
  const kinds = `${sets.length} ${sets.length === 1 ? 'kind' : 'kinds'} of strangers`;
  if (!exposed) {
    return {
      sentence: `The classifier mistakes ${share(before.fpr)} of ${many} for strangers ${condition}, and misreads ${share(base.testError)} of ${many}.`,
      more: [`The first number is the mean over ${kinds}.`],
    };
  }
  const after = meanOf(find, exposed.name, sets);
  const shown = typeof config.outliers === 'string' ? outliersShown(config.outliers) : 'outliers of one kind';
  const [was, is] = [share(before.fpr), share(after.fpr)];
  const [shownBefore, shownAfter] = [before, after].map((row) => shareWithSpread(row.fpr, row.seedStd?.fpr));
  const alarms =
    was === is
      ? `still mistakes ${is} of ${many} for strangers`
      : after.fpr < before.fpr
        ? `mistakes ${shownAfter} of ${many} for strangers instead of ${shownBefore}`
        : `mistakes ${shownAfter} of ${many} for strangers, which is more than the ${shownBefore} before,`;
  const sentence = `Shown ${shown} while training, the classifier ${alarms} ${condition}, and ${errors(results)}.`;
  const worse = sets.filter((set) => {
    const [a, b] = [find(base.name, set), find(exposed.name, set)];
    return a && b && share(a.fpr) !== share(b.fpr) && b.fpr > a.fpr;
  });
  const more = [
    worse.length === 0
      ? `That is the mean over ${kinds}, none of which it was shown; on none of them did it get worse.`
      : `That is the mean over ${kinds}, none of which it was shown; on ${worse.length} of them (${list(worse.map(setTitle))}) it got worse.`,
  ];
  if (config.size === 'quick') {
    more.push(
      'This was a quick run, with less data and training than the full experiment, which does better as a rule.',
    );
  }
  more.push(spreadNote(results), ...(results.notes ?? []));
  return { sentence, more };
}

function meanOf(
  find: (model: string, set: string) => ResultRow | undefined,
  model: string,
  sets: readonly string[],
): { fpr: number; seedStd?: { fpr: number } | undefined } {
  const mean = find(model, 'mean');
  if (mean) return mean;
  const all = sets.flatMap((set) => find(model, set)?.fpr ?? []);
  return { fpr: all.reduce((sum, value) => sum + value, 0) / all.length };
}

function outliersShown(name: string): string {
  const description = setDescription(name);
  return description
    ? `outliers of one kind (${setTitle(name)}: ${description})`
    : `outliers of one kind (${name})`;
}

/** Whether the task suffered: compared with the chance error of counting so many examples. */
function errors(results: ExperimentResults): string {
  const { base, exposed } = partsOf(results);
  const { many } = subjectOf(results);
  const [before, after] = [base.testError, exposed!.testError];
  const numbers = `(${share(before)}\u00a0→ ${share(after)})`;
  if (share(before) === share(after)) return `misreads as few ${many} as before ${numbers}`;
  const tested =
    (results.data.find(({ role }) => role === 'in-distribution test')?.count ?? results.rows[0]!.inCount) *
    results.seeds.length;
  const mean = (before + after) / 2;
  const standardError = Math.sqrt((2 * mean * (1 - mean)) / tested);
  if (Math.abs(after - before) <= STANDARD_ERRORS * standardError) {
    return `misreads about as many ${many} as before ${numbers}, a difference that chance makes among ${count(tested)}`;
  }
  return `misreads ${after < before ? 'fewer' : 'more'} ${many} than before ${numbers}`;
}
