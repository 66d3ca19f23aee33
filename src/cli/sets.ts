/** Sets of images as commands open them: options, progress, and closing. */
import { type Command, Option } from 'commander';
import type { ImageShape, ImageSource } from '../data/index.ts';
import type { OpenImagesOptions } from '../data/node/formats/options.ts';
import { openImages } from '../data/node/open-images.ts';
import { OutlierExposureError } from '../errors.ts';
import type { OnProgress } from '../experiments/index.ts';

/** How the files of a command's sets are to be read. */
export interface SetOptions {
  layout?: 'nhwc' | 'nchw' | undefined;
  resize?: 'fit' | 'stretch' | undefined;
}

/** Adds the options that say how files are read. */
export function addSetOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--layout <choice>',
        'whether channels stand last or first in arrays of images (default: told from the shape)',
      ).choices(['nhwc', 'nchw']),
    )
    .addOption(
      new Option('--resize <choice>', "how images of another size are brought to the model's")
        .choices(['fit', 'stretch'])
        .default('fit'),
    );
}

/** Options that mean nothing for texts; `--resize`, which has a default, is not missed. */
export function refuseImageOptions({ layout }: { layout?: string | undefined }): void {
  if (layout === undefined) return;
  throw new OutlierExposureError(
    'invalid-argument',
    '--layout is for images, but the classifier takes texts: leave it out.',
  );
}

/** Opens a set; progress shows it as a stage of its own. */
export async function openSet(
  what: string,
  paths: string | readonly string[],
  {
    layout,
    resize,
    shape,
    labels,
    split,
    name,
    memory,
    signal,
    onProgress,
  }: SetOptions & {
    /** What images are brought to; as they are, without. */
    shape: ImageShape | undefined;
    labels?: string | undefined;
    split?: string | undefined;
    name?: string | undefined;
    /** Bytes of decoded images to keep, for sets that are read more than once. */
    memory?: number | undefined;
    signal: AbortSignal;
    onProgress: OnProgress;
  },
): Promise<ImageSource> {
  const stage = `Read ${what}`;
  onProgress({ stage, done: 0, total: 1 });
  const given: { [Key in keyof OpenImagesOptions]?: OpenImagesOptions[Key] | undefined } = {
    layout,
    resize,
    shape,
    labels,
    split,
    name,
    memory,
  };
  const source = await openImages(paths, {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as OpenImagesOptions),
    signal,
    onProgress: (done, total) => {
      // Reading has several parts, each of which begins anew; the stage ends below.
      if (done < total) onProgress({ stage, done, total });
    },
  });
  onProgress({ stage, done: 1, total: 1 });
  return source;
}
