/** What the paper published for 20 Newsgroups: Table 8, MSP. */
import { publishedTexts } from './texts.ts';

export const publishedNewsgroups = publishedTexts({
  snli: [38.2, 12.5, 87.7, 95.1, 71.3, 86.3],
  imdb: [45, 18.6, 79.9, 93.5, 42.6, 74.5],
  multi30k: [54.5, 3.2, 78.3, 97.3, 45.8, 93.7],
  wmt16: [45.8, 2, 80.2, 98.8, 43.7, 96.1],
  yelp: [45.9, 3.9, 78.7, 97.8, 38.1, 87.9],
  'ewt-answers': [36.1, 1.2, 86.2, 99.2, 58.2, 97.3],
  'ewt-email': [31.9, 1.4, 87.8, 99.2, 60.3, 97.2],
  'ewt-newsgroup': [41.7, 1.8, 83.1, 98.7, 46.2, 95.7],
  'ewt-reviews': [40.7, 1.7, 83.5, 98.9, 53.4, 96.6],
  'ewt-weblog': [44.5, 2.4, 81.1, 98.5, 39, 93.8],
  mean: [42.44, 4.86, 82.66, 97.71, 49.85, 91.91],
});
