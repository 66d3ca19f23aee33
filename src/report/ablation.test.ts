import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUpAblation } from '../../test/fixtures/made-up-ablation.ts';
import { OutlierExposureError } from '../errors.ts';
import { ablationCsv, ablationTable, writeAblation, writeComparison, writeReport } from './index.ts';
import { parseAblation } from './read-ablation.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-ablation-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ablationTable', () => {
  it('has a row a level, with the spread over seeds', () => {
    const { header, rows, notes } = ablationTable(madeUpAblation());
    expect(header).toEqual([
      'outliers in the set',
      'outliers',
      'FPR95 ↓',
      'AUROC ↑',
      'AUPR ↑',
      'test error ↓',
    ]);
    expect(rows[0]).toEqual([
      'baseline, not exposed',
      '',
      '23.00 ± 1.00',
      '90.00 ± 0.40',
      '70.00 ± 2.00',
      '1.00 ± 0.10',
    ]);
    expect(rows[2]!.slice(0, 3)).toEqual(['1000 outliers', '1,000', '13.00 ± 1.00']);
    expect(notes[0]).toContain('± over 3 seeds');
    expect(ablationTable(madeUpAblation('kinds', [1])).rows[2]![2]).toBe('13.00');
  });
});

describe('ablationCsv', () => {
  it('has a line a row of every seed, whatever sets are called', () => {
    const lines = ablationCsv(madeUpAblation()).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 3 * 4 * 4);
    expect(lines[0]).toBe(
      'seed,level,score,set,fpr,n,auroc,aupr,auprIn,detectionError,inCount,outCount,testError',
    );
    expect(lines[1]).toBe('1,baseline,msp,gaussian,0.2,95,0.9,0.7,0.9,0.1,300,60,0.01');
    expect(lines[3]).toContain('"<img src=x onerror=""window.hacked=1"">"');
  });
});

describe('the folder of an ablation', () => {
  it('holds its files, from which the page can be made again', async () => {
    const at = join(folder, 'whole');
    await writeAblation(at, madeUpAblation());
    expect(readdirSync(at).sort()).toEqual(['report.html', 'results.csv', 'results.json']);
    const page = readFileSync(join(at, 'report.html'), 'utf8');
    const again = await writeReport(at, undefined, join(folder, 'again.html'));
    expect(readFileSync(again, 'utf8')).toBe(page);
    await expect(writeComparison([at, at], join(folder, 'no.html'))).rejects.toThrow(/holds an ablation/);
  });

  it('says what is damaged', async () => {
    const at = join(folder, 'damaged');
    await writeAblation(at, madeUpAblation());
    const { rows: _, ...rest } = madeUpAblation();
    writeFileSync(join(at, 'results.json'), JSON.stringify(rest));
    await expect(writeReport(at)).rejects.toThrow(/"rows" is not as expected .* run the ablation again/);
    const unmeasured = { ...madeUpAblation(), models: madeUpAblation().models.slice(1) };
    expect(() => parseAblation(JSON.stringify(unmeasured), 'x')).toThrow(/a level was not measured/);
  });

  it('takes any changed results for what they are, or says why not', () => {
    const whole = JSON.parse(JSON.stringify(madeUpAblation())) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (key, value) => {
        try {
          const read = parseAblation(JSON.stringify({ ...whole, [key]: value }), 'results.json');
          expect(read).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
