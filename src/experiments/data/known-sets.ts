/**
 * The data sets that vision experiments use, by the names that they have in results: how their files are called in a
 * folder of the user's, and under which name the catalogue has them.
 */

/** Which part of a set: what models are trained on, or tested on. */
export type Part = 'train' | 'test';

export interface KnownSet {
  /** In results and on the command line. */
  name: string;
  /** How its files and folders may be called; `-train`, `-test` and `-images` may follow, and a side (32). */
  stems: readonly string[];
  /** Paths that the original archives unpack to, by part: the first that is there; those of a list are joined. */
  originals?: Partial<Record<Part, readonly (string | readonly string[])[]>>;
  /** What the set itself calls its parts, for those with several in one folder. */
  splits?: Record<Part, string>;
  /** Its names in the catalogue of data sets; several are joined. */
  catalogue?: Partial<Record<Part, readonly string[]>>;
  /** What it stands in for, when it is none of the paper's. */
  standsInFor?: string;
}

const TRAIN_AND_TEST = { train: 'train', test: 'test' } as const;

function inCatalogue(...names: string[]): Record<Part, readonly string[]> {
  return { train: names, test: names };
}

/** The names in the results are those of the published rows. */
export const KNOWN_SETS: readonly KnownSet[] = [
  {
    name: 'cifar10',
    stems: ['cifar10', 'cifar-10'],
    originals: { train: ['cifar-10-batches-bin'], test: ['cifar-10-batches-bin'] },
    splits: TRAIN_AND_TEST,
    catalogue: inCatalogue('cifar10'),
  },
  {
    name: 'cifar100',
    stems: ['cifar100', 'cifar-100'],
    originals: { train: ['cifar-100-binary'], test: ['cifar-100-binary'] },
    splits: TRAIN_AND_TEST,
    catalogue: inCatalogue('cifar100'),
  },
  {
    name: 'svhn',
    stems: ['svhn'],
    // The paper trains on both.
    originals: { train: [['train_32x32.mat', 'extra_32x32.mat']], test: ['test_32x32.mat'] },
    splits: TRAIN_AND_TEST,
    catalogue: { train: ['svhn', 'svhn-extra'], test: ['svhn'] },
  },
  {
    name: 'tiny-imagenet',
    stems: ['tiny-imagenet', 'tinyimagenet'],
    originals: { train: ['tiny-imagenet-200'], test: ['tiny-imagenet-200'] },
    splits: { train: 'train', test: 'validation' },
    catalogue: inCatalogue('tiny-imagenet'),
  },
  {
    name: 'places365',
    stems: ['places365', 'places'],
    originals: {
      train: ['places365_standard', 'data_256'],
      test: ['places365_standard', 'val_256', 'test_256'],
    },
    splits: { train: 'train', test: 'validation' },
    catalogue: { train: ['places365-train'], test: ['places365'] },
  },
  {
    name: 'textures',
    stems: ['textures', 'dtd'],
    originals: { test: ['dtd/images'] },
    catalogue: { test: ['textures'] },
  },
  // The archive holds a database, not pictures.
  { name: 'lsun', stems: ['lsun'] },
  {
    name: 'icons-50',
    stems: ['icons-50', 'icons50'],
    originals: { test: ['Icons-50'] },
    catalogue: { test: ['icons-50'] },
  },
  {
    name: 'chars74k',
    stems: ['chars74k'],
    originals: { test: [['English/Img/GoodImg/Bmp', 'English/Img/BadImag/Bmp']] },
    catalogue: { test: ['chars74k'] },
  },
  { name: 'imagenet', stems: ['imagenet', 'imagenet-1k'], catalogue: { test: ['imagenet-1k'] } },
  { name: 'places69', stems: ['places69'], catalogue: { test: ['places69'] } },
  {
    name: 'tiny-images',
    stems: ['tiny-images', 'tiny-images-80m', '80-million-tiny-images'],
    originals: { train: ['tiny_images.bin'] },
    catalogue: { train: ['tiny-images'] },
  },
  {
    name: 'tiny-images-300k',
    stems: ['tiny-images-300k', '300k-random'],
    originals: { train: ['300K_random_images.npy'] },
    catalogue: { train: ['tiny-images-300k'] },
    standsInFor: '80 Million Tiny Images',
  },
  {
    name: 'imagenet-22k',
    stems: ['imagenet-22k', 'imagenet22k'],
    catalogue: { train: ['imagenet-22k'] },
  },
  { name: 'scenes', stems: ['scenes'], standsInFor: 'Places365 and LSUN' },
];

/** The set of that name, or one whose files may be called so. */
export function knownSet(name: string): KnownSet | undefined {
  return KNOWN_SETS.find((set) => set.name === name) ?? KNOWN_SETS.find(({ stems }) => stems.includes(name));
}
