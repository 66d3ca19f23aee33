/** Numbers that the paper's authors published, to stand beside ours. */
export { publishedCifar10 } from './cifar10.ts';
export { publishedCifar100 } from './cifar100.ts';
export { publishedMnist } from './mnist.ts';
export { publishedNewsgroups } from './newsgroups.ts';
export { publishedPlaces365 } from './places365.ts';
export type { Published, PublishedNumbers } from './published.ts';
export { publishedSst } from './sst.ts';
export { publishedSvhn } from './svhn.ts';
export { unpublished } from './texts.ts';
export { publishedTinyImagenet } from './tiny-imagenet.ts';
export { publishedTrec } from './trec.ts';
