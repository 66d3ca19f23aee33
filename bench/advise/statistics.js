/** How well advice ranks candidates, by whole tunings on test sets of kinds that the advice knew nothing of. */
import { scoreCandidates, spearman } from '../../dist/advice/index.js';
import { Random } from '../../dist/random.js';

const DRAWS = 2000;

/**
 * For every kind of test set, scores of the candidates of other kinds by judges of other kinds, and what they truly gained on
 * that kind (the mean of its sets and seeds). Neither candidates nor judges are then of the kind that is tested.
 *
 * @param candidates of the advice: { name, gains by judge }
 * @param score scores such candidates
 * @returns for each kind: { kind, names, scores, gains }
 */
export function byKind(candidates, { kinds, testKinds, gains }, score) {
  return [...new Set(Object.values(testKinds))].map((kind) => {
    const others = candidates
      .filter(({ name }) => kinds[name] !== kind)
      .map((each) => ({
        ...each,
        gains: Object.fromEntries(Object.entries(each.gains).filter(([judge]) => kinds[judge] !== kind)),
      }));
    const tests = Object.keys(testKinds).filter((name) => testKinds[name] === kind);
    return {
      kind,
      names: others.map(({ name }) => name),
      scores: score(others),
      gains: others.map(({ name }) => mean(gains[name].flatMap((seed) => tests.map((test) => seed[test])))),
    };
  });
}

/** As `oe advise` scores. */
export const advised = (candidates) => scoreCandidates(candidates.map(({ gains }) => gains)).scores;

/** By the mean gain on validation outliers alone, in AUROC. @param made the names of the validation outliers */
export const byMadeAlone = (made) => (candidates) =>
  scoreCandidates(
    candidates.map(({ gains }) =>
      Object.fromEntries(Object.entries(gains).filter(([judge]) => made.has(judge))),
    ),
  ).gains;

/** The mean of Spearman's correlations over the kinds. */
export function correlation(tested) {
  return mean(
    tested.map(({ scores, gains }) => spearman(scores, gains)).filter((value) => !Number.isNaN(value)),
  );
}

/**
 * The 95 % interval of {@link correlation} by the bootstrap. Candidates are drawn anew by kind, all of a kind together, since five
 * sets of photographs are hardly more evidence than one.
 */
export function interval(tested, kinds) {
  const random = Random.from(1, 'bootstrap of kinds');
  const all = [...new Set(Object.values(kinds))];
  const values = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const times = new Map();
    for (let i = 0; i < all.length; i++) {
      const kind = all[random.integer(all.length)];
      times.set(kind, (times.get(kind) ?? 0) + 1);
    }
    const value = correlation(
      tested.map(({ names, scores, gains }) => {
        const chosen = names.flatMap((name, i) => Array(times.get(kinds[name]) ?? 0).fill(i));
        return { scores: chosen.map((i) => scores[i]), gains: chosen.map((i) => gains[i]) };
      }),
    );
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return [0.025, 0.975].map((share) => values[Math.round(share * (values.length - 1))]);
}

/** How often candidates with each other's gains, exchanged at random, correlate as well: a one-sided p-value. */
export function chance(tested) {
  const random = Random.from(1, 'permutations');
  const names = [...new Set(tested.flatMap((each) => each.names))];
  const found = correlation(tested);
  let asGood = 1;
  for (let draw = 0; draw < DRAWS; draw++) {
    const order = random.permutation(names.length);
    const other = new Map(names.map((name, i) => [name, names[order[i]]]));
    const exchanged = tested.map(({ names: own, scores, gains }) => {
      const pairs = own.flatMap((name, i) => {
        const place = own.indexOf(other.get(name));
        return place < 0 ? [] : [[scores[i], gains[place]]];
      });
      return { scores: pairs.map(([score]) => score), gains: pairs.map(([, gain]) => gain) };
    });
    if (correlation(exchanged) >= found) asGood++;
  }
  return asGood / (DRAWS + 1);
}

/** The share of pairs ranked wrongly, and what the first loses against the best, and one at random; means over kinds. */
export function losses(tested) {
  const each = tested.map(({ scores, gains }) => {
    let [wrong, pairs] = [0, 0];
    for (let i = 0; i < scores.length; i++) {
      for (let j = 0; j < i; j++) {
        pairs++;
        const agreement = (scores[i] - scores[j]) * (gains[i] - gains[j]);
        wrong += agreement < 0 ? 1 : agreement === 0 ? 0.5 : 0;
      }
    }
    const best = Math.max(...gains);
    const first = scores.indexOf(Math.max(...scores));
    return { wrong: wrong / pairs, lost: best - gains[first], atRandom: best - mean(gains) };
  });
  return Object.fromEntries(
    ['wrong', 'lost', 'atRandom'].map((name) => [name, mean(each.map((one) => one[name]))]),
  );
}

/**
 * One number a candidate: its mean gain over the kinds of test sets. A candidate is tested by all kinds but its own; the
 * comparison is that of `scoreCandidates`.
 */
export function overallGains(names, { kinds, testKinds, gains }) {
  const all = [...new Set(Object.values(testKinds))];
  return scoreCandidates(
    names.map((name) =>
      Object.fromEntries(
        all
          .filter((kind) => kind !== kinds[name])
          .map((kind) => {
            const tests = Object.keys(testKinds).filter((test) => testKinds[test] === kind);
            return [kind, mean(gains[name].flatMap((seed) => tests.map((test) => seed[test])))];
          }),
      ),
    ),
  ).gains;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
