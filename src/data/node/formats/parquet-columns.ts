/** Which columns of a Parquet file hold images and labels. */
import { parquetSchema } from 'hyparquet';
import { nearestName, OutlierExposureError } from '../../../errors.ts';
import type { ParquetFile } from './parquet-file.ts';

export interface ParquetColumns {
  image: string;
  label?: string;
  classNames?: readonly string[];
}

const IMAGES = ['image', 'img', 'picture', 'jpg', 'png', 'webp', 'jpeg'];
const LABELS = ['label', 'labels', 'fine_label', 'class', 'target', 'cls', 'y'];

/**
 * The columns of images and labels: those given, else the first with a usual name and type.
 *
 * @throws OutlierExposureError `not-found` when a given one is not there, `invalid-file` when no column holds images
 */
export function parquetColumns(
  { path, metadata }: Pick<ParquetFile, 'path' | 'metadata'>,
  { image, label }: { image?: string; label?: string } = {},
): ParquetColumns {
  const columns = parquetSchema(metadata).children;
  const names = columns.map((column) => column.element.name);
  for (const given of [image, label]) {
    if (given === undefined || names.includes(given)) continue;
    const near = nearestName(given, names);
    throw new OutlierExposureError(
      'not-found',
      `${path} has no column "${given}"; its columns are ${names.join(', ')}${near ? `: did you mean "${near}"?` : '.'}`,
    );
  }
  const images = columns
    .filter(({ element, children }) =>
      children.length > 0
        ? children.some((child) => child.element.name === 'bytes' && child.element.type === 'BYTE_ARRAY')
        : element.type === 'BYTE_ARRAY' && element.converted_type !== 'UTF8',
    )
    .map((column) => column.element.name);
  const found = image ?? IMAGES.find((name) => images.includes(name)) ?? images[0];
  if (found === undefined) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has the columns ${names.join(', ') || '(none)'}, of which none holds images (bytes, or a struct with "bytes").`,
    );
  }
  const answers = label ?? LABELS.find((name) => names.includes(name) && name !== found);
  const classNames = answers === undefined ? undefined : namesOf(metadata, answers);
  return {
    image: found,
    ...(answers !== undefined && { label: answers }),
    ...(classNames && { classNames }),
  };
}

/** The names of a ClassLabel column, from what the hub's library writes into the footer. */
function namesOf(metadata: ParquetFile['metadata'], column: string): string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (!text) return undefined;
  try {
    const { info } = JSON.parse(text) as { info?: { features?: Record<string, { names?: unknown }> } };
    const names = info?.features?.[column]?.names;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    // The labels have numbers without it.
    return undefined;
  }
}
