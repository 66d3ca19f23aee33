/** Sets of texts as commands open them: options and progress. */
import { type Command, Option } from 'commander';
import {
  type EncodedText,
  encodeTexts,
  TEXT_FORMATS,
  type TextFormat,
  type TextLabels,
  type TextSource,
  type Tokenizer,
} from '../data/index.ts';
import { type OpenTextOptions, openText, type TextEncodingName } from '../data/node/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { OnProgress } from '../experiments/index.ts';

/** How the files of texts are to be read. */
export interface TextSetOptions {
  textFormat?: TextFormat | undefined;
  textColumn?: string | undefined;
  labelColumn?: string | undefined;
  labelKind?: 'fine' | 'coarse' | 'binary' | undefined;
  encoding?: TextEncodingName | undefined;
}

/** Adds the options that say how files of texts are read. */
export function addTextSetOptions(command: Command, which: string): Command {
  return command
    .addOption(
      new Option(
        '--text-format <choice>',
        `the format of ${which}, where it is texts (default: told by the name and the first lines)`,
      ).choices(TEXT_FORMATS),
    )
    .option('--text-column <name>', 'the column of its texts, by its name, or by its number from 0 on')
    .option('--label-column <name>', 'the column of its labels')
    .addOption(
      new Option('--label-kind <choice>', 'which labels its texts get').choices(['fine', 'coarse', 'binary']),
    )
    .addOption(
      new Option('--encoding <choice>', 'how the bytes of all files of texts are read').choices([
        'utf-8',
        'latin1',
      ]),
    );
}

/** The first of the options that is for texts, where one was given: they mean nothing for images. */
export function refuseTextOptions(options: TextSetOptions): void {
  const given = (
    [
      ['--text-format', options.textFormat],
      ['--text-column', options.textColumn],
      ['--label-column', options.labelColumn],
      ['--label-kind', options.labelKind],
      ['--encoding', options.encoding],
    ] as const
  ).find(([, value]) => value !== undefined);
  if (!given) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${given[0]} is for texts, but the classifier takes images: leave it out.`,
  );
}

/**
 * Opens a set of texts; progress shows it as a stage of its own.
 *
 * @param labels which to read, and as which classes
 */
export async function openTexts(
  what: string,
  paths: string | readonly string[],
  {
    textFormat,
    textColumn,
    labelColumn,
    labelsFrom,
    encoding,
    labels,
    classes,
    split,
    name,
    maxTokens,
    signal,
    onProgress,
  }: Omit<TextSetOptions, 'labelKind'> & {
    labels: TextLabels;
    /** A file of labels beside the texts. */
    labelsFrom?: string | undefined;
    classes?: readonly string[] | undefined;
    split?: string | undefined;
    name?: string | undefined;
    maxTokens?: number | undefined;
    signal: AbortSignal;
    onProgress: OnProgress;
  },
): Promise<TextSource> {
  const stage = `Read ${what}`;
  onProgress({ stage, done: 0, total: 1 });
  const given: { [Key in keyof OpenTextOptions]?: OpenTextOptions[Key] | undefined } = {
    format: textFormat,
    textColumn: columnOf(textColumn),
    labelColumn: columnOf(labelColumn),
    labelsFrom,
    encoding,
    labels,
    classes,
    split,
    name,
    maxTokens,
  };
  const source = await openText(paths, {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as OpenTextOptions),
    signal,
    onProgress: (done, total) => {
      // Reading has several parts, each of which begins anew; the stage ends below.
      if (done < total) onProgress({ stage, done, total });
    },
  });
  onProgress({ stage, done: 1, total: 1 });
  return source;
}

/** The texts in numbers. */
export function encoded(
  source: TextSource,
  tokenizer: Tokenizer,
  { signal }: { signal: AbortSignal },
): EncodedText {
  return encodeTexts(source, tokenizer, { signal });
}

/** @throws OutlierExposureError `invalid-argument` when a set that should be of the model's language has none of its words */
export function checkKnown({ name, ids, unknown, vocabularySize }: EncodedText): void {
  if (unknown < ids.length) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The model knows none of the ${ids.length} words of "${name}", though it knows ${vocabularySize - 2} words: check that model and texts belong together, and that words stand apart as they did in training.`,
  );
}

const columnOf = (text: string | undefined) =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
