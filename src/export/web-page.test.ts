/** The exported page: its formulas are the detectors', and nothing ends its script early. */
import { describe, expect, it } from 'vitest';
import { configured, findDetector } from '../detectors/index.ts';
import { Random } from '../random.ts';
import { PAGE_DETECTORS, webPage } from './web-page.ts';

const options = { shape: [1, 4, 4], input: 'pixels', output: 'logits' } as const;

/** The score that the page computes, taken out of it. */
function scoreOf(page: string, z: number[], s: Record<string, number>): number {
  const formula = /score: (.*) \};/.exec(page)![1]!;
  const e = z.map((v) => Math.exp(v - Math.max(...z)));
  const p = e.map((v) => v / e.reduce((a, b) => a + b));
  return new Function('z', 'p', 's', `return ${formula}`)(z, p, s) as number;
}

describe('webPage', () => {
  it.each(PAGE_DETECTORS)('computes %s as the detector does', async (name) => {
    const settings: Record<string, number> = name === 'energy' ? { temperature: 2.5 } : {};
    const page = webPage({ ...options, detector: name, settings });
    const random = Random.from(1, name);
    const rows = Array.from({ length: 20 }, () => Array.from({ length: 7 }, () => 5 * random.normal()));
    // Exponentials of such would overflow.
    rows.push([900, 0, 0, 0, 0, 0, -900]);
    for (const row of rows) {
      const logits = { data: Float32Array.from(row), shape: [1, 7] as [number, number] };
      const detector = configured(findDetector(name), settings);
      const values = { logits } as Parameters<NonNullable<typeof detector.score>>[0];
      const all = Object.fromEntries(
        Object.entries(detector.parameters ?? {}).map(([key, { default: usual }]) => [key, usual]),
      );
      const given = { settings: { ...all, ...settings } } as Parameters<
        NonNullable<typeof detector.score>
      >[1];
      const expected = (await detector.score!(values, given))[0]!;
      expect(scoreOf(page, [...logits.data], settings)).toBeCloseTo(expected, 4);
    }
  });

  it('takes names that look like markup for names', () => {
    const hostile = '</script><script>alert(1)</script>';
    const page = webPage({ ...options, classNames: [hostile], input: hostile, output: hostile });
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('\\u003c/script>');
  });

  it('says which detectors it computes when asked for another', () => {
    expect(() => webPage({ ...options, detector: 'knn' })).toThrow(/computes msp, .* is one of knn/);
    expect(() => webPage({ ...options, detector: 'toString' })).toThrow(/is one of toString/);
  });
});
