/** Opens the sets of an experiment: by their names, or from paths of the user's. Node only. */
import { type ImageShape, type ImageSource, renamed } from '../../data/index.ts';
import { howToGet } from '../../data/node/catalogue/index.ts';
import { openImages } from '../../data/node/open-images.ts';
import { OutlierExposureError } from '../../errors.ts';
import { type OnProgress, stage } from '../progress.ts';
import { knownSet, type Part } from './known-sets.ts';
import { type Located, locateSet, withLabels } from './locate.ts';
import { validationLabels } from './tiny-imagenet.ts';

export interface OpenRequest {
  folder?: string | undefined;
  shape: ImageShape;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** A set by its name; nothing when its files are nowhere. */
export async function openKnown(
  name: string,
  part: Part,
  { folder, ...request }: OpenRequest,
): Promise<ImageSource | undefined> {
  const located = await locateSet(name, part, { folder });
  if (!located) return undefined;
  const set = knownSet(name);
  const what = set?.splits ? `${set.name}, ${part}` : name;
  const source = await open(set?.name ?? name, located, request, what);
  if (source.labels || source.name !== 'tiny-imagenet' || part !== 'test') return source;
  const labels = await validationLabels(located.spec, source.length);
  return labels ? { ...source, labels } : source;
}

/** A path of the user's. */
export function openPath(
  name: string,
  { path, labels, split }: { path: string; labels?: string | undefined; split?: string },
  request: OpenRequest,
): Promise<ImageSource> {
  const located = labels === undefined ? withLabels(path) : { spec: path, labels };
  return open(name, split === undefined ? located : { ...located, split }, request);
}

/** Says that a set is missing which the experiment cannot do without, and how to get it. */
export function missingSet(
  name: string,
  part: Part,
  { folder }: { folder?: string | undefined },
): OutlierExposureError {
  const role = part === 'train' ? 'what it is trained on' : 'what it is tested on';
  const entries = knownSet(name)?.catalogue?.[part] ?? [];
  const where = folder === undefined ? '' : `${folder} does not hold it. `;
  const how =
    entries.length > 0
      ? entries.map(howToGet).join(' ')
      : `Lay its files into a folder and name it with --data, as ${name}-train-images.npy and ${name}-test-images.npy, for instance.`;
  return new OutlierExposureError(
    'not-found',
    `The experiment needs the pictures of ${name}, ${role}. ${where}${how}`,
  );
}

async function open(
  name: string,
  { spec, ...rest }: Located,
  { shape, signal, onProgress }: Omit<OpenRequest, 'folder'>,
  what = name,
): Promise<ImageSource> {
  const source = await stage(onProgress, `Read ${what}`, () =>
    openImages(spec, { ...rest, shape, ...(signal ? { signal } : {}) }),
  );
  return renamed(source, name);
}
