/** The report of one run, in the order in which most readers stop. */
import type { Run } from '../run.ts';
import { page } from './page.ts';
import { albumSection } from './sections/album.ts';
import { curvesSection } from './sections/curves.ts';
import { histogramsSection } from './sections/histograms.ts';
import { numbersSection } from './sections/numbers.ts';
import { picturesSection } from './sections/pictures.ts';
import { setsSection } from './sections/sets.ts';
import { settingsSection } from './sections/settings.ts';
import { summarySection } from './sections/summary.ts';
import { extremeTextsSection, textSetsSection } from './sections/texts.ts';
import { trainingSection } from './sections/training.ts';
import { day } from './words.ts';

/** @returns a page of one file, which loads nothing */
export function htmlReport(run: Run): string {
  const { title, versions, startedAt } = run.results;
  const album = albumSection(run);
  return page({
    title,
    kicker: `Outlier Exposure · ${day(startedAt)}`,
    version: versions['outlier-exposure'] ?? '',
    sections: [
      summarySection(run),
      numbersSection(run),
      curvesSection(run),
      histogramsSection(run),
      trainingSection(run),
      ...(album ? [album] : []),
      ...(run.results.examples === 'texts'
        ? [extremeTextsSection(run), textSetsSection(run)]
        : [picturesSection(run), setsSection(run)]),
      settingsSection(run),
    ],
  });
}
