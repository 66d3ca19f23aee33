/** What the paper published for TREC: Table 8, MSP. */
import { publishedTexts } from './texts.ts';

export const publishedTrec = publishedTexts({
  snli: [18.2, 4.2, 94, 98.1, 81.9, 91.6],
  imdb: [49.6, 0.6, 78, 99.4, 44.2, 97.8],
  multi30k: [44.2, 0.3, 81.6, 99.7, 44.9, 99],
  wmt16: [50.7, 0.2, 78.2, 99.8, 42.2, 99.4],
  yelp: [50.9, 0.4, 75.1, 99.7, 37.7, 96.1],
  'ewt-answers': [45.7, 0.9, 82.4, 97.7, 53.1, 96.1],
  'ewt-email': [36.8, 0.4, 85.7, 99.5, 60.8, 99.1],
  'ewt-newsgroup': [44.3, 0.3, 84.2, 99.6, 58.8, 99.2],
  'ewt-reviews': [46.1, 0.4, 82.5, 99.5, 51.1, 98.8],
  'ewt-weblog': [50.1, 0.2, 79.8, 99.7, 47.8, 99.4],
  mean: [43.46, 0.78, 82.14, 99.28, 52.23, 97.64],
});
