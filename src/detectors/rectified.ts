/** Logits computed again from changed features or a changed last layer, and any score of logits on top. */
import type { Detector, FitContext, FitData, FittedState, Parameter, ScoreContext } from './detector.ts';
import type { Matrix, Outputs } from './outputs.ts';

/** What gives other logits than the classifier's own: ReAct, ASH, SCALE, DICE. */
export interface Rectifier {
  name: string;
  title: string;
  /** The change in one line. */
  formula: string;
  source: string;
  parameters?: Readonly<Record<string, Parameter>>;
  fit?(data: FitData, context: FitContext): Promise<FittedState> | FittedState;
  /** @returns the new logits, [examples, classes]; the outputs stay as they are */
  logits(outputs: Outputs, context: ScoreContext): Promise<Matrix> | Matrix;
}

/**
 * A detector that scores a rectifier's logits. It is named `RECTIFIER+DETECTOR`, and has the parameters of both.
 *
 * @param detector one that needs logits alone
 */
export function rectified(rectifier: Rectifier, detector: Detector): Detector {
  const composed: Detector = {
    name: `${rectifier.name}+${detector.name}`,
    title: `${rectifier.title}, ${detector.title.charAt(0).toLowerCase()}${detector.title.slice(1)}`,
    needs: [...new Set([...detector.needs, 'features', 'head'] as const)],
    formula: `${detector.formula} of ${rectifier.formula}`,
    source: `${rectifier.source}; ${detector.source}`,
    parameters: { ...detector.parameters, ...rectifier.parameters },
    async score(outputs, context) {
      const logits = await rectifier.logits(outputs, context);
      return detector.score({ ...outputs, logits }, context);
    },
  };
  if (!rectifier.fit && !detector.fit) return composed;
  return {
    ...composed,
    async fit(data, context) {
      const state = (await rectifier.fit?.(data, context)) ?? {};
      if (!detector.fit) return state;
      const logits = await rectifier.logits(data, { ...context, state });
      return { ...state, ...(await detector.fit({ ...data, logits }, context)) };
    },
  };
}
