/** The form of what was published for texts. */
import { type Published, rowsOf, type Table7 } from './published.ts';

/** @param table rows of Table 8, formed as those of Table 7 */
export function publishedTexts(table: Table7): Published {
  return {
    source: 'Hendrycks, Mazeika, Dietterich 2019, Table 8',
    note: 'The published models were exposed to WikiText-2 for two epochs; test errors were not published.',
    n: 90,
    testError: {},
    rows: rowsOf(table),
  };
}

/** For experiments that the paper lacks. */
export function unpublished(n: number): () => Published {
  return () => ({
    source: 'none, as this experiment is not in the paper',
    note: 'The paper does not have this experiment; its three with texts need data that are not part of the install.',
    n,
    testError: {},
    rows: {},
  });
}
