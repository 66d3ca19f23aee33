/** The tables of docs/detectors.md, derived from the registry. */
import type { Detector, Parameter } from './detector.ts';
import type { Rectifier } from './rectified.ts';
import { detectors, rectifiers } from './registry.ts';

/** All detectors, then all rectifiers, then what they can be set by; in Markdown. */
export function detectorTables(): string {
  return [
    table(
      ['detector', 'what it is', 'score', 'needs', 'learns', 'source'],
      detectors.map((each) => [...rowOf(each, each.needs), each.fit ? 'yes' : 'no', each.source]),
    ),
    'Before a `+` and a detector that scores logits alone, `react+gen`, or by themselves, with the energy of what they give:',
    table(
      ['rectifier', 'what it is', 'logits', 'needs', 'learns', 'source'],
      rectifiers.map((each) => [...rowOf(each, ['features', 'head']), each.fit ? 'yes' : 'no', each.source]),
    ),
    'Set by `NAME:KEY=NUMBER`, several with commas, `nnguide:k=10,bank=0.1`; a rectifier and its score together, `react+gen:percentile=95,gamma=0.2`:',
    table(
      ['detector', 'parameter', 'default', 'values', 'what it does', 'where the default comes from'],
      [...detectors, ...rectifiers].flatMap(({ name, parameters = {} }) =>
        Object.entries(parameters).map(([key, parameter]) => [
          `\`${name}\``,
          `\`${key}\``,
          String(parameter.default),
          rangeOf(parameter),
          parameter.meaning,
          parameter.source,
        ]),
      ),
    ),
  ].join('\n\n');
}

function rowOf({ name, title, formula }: Detector | Rectifier, needs: readonly string[]): string[] {
  return [`\`${name}\``, title, formula, needs.join(', ')];
}

function rangeOf({ least, most, integer }: Parameter): string {
  const bounds = [least === undefined ? '' : `${least} or more`, most === undefined ? '' : `${most} or less`];
  const range =
    least !== undefined && most !== undefined ? `${least} to ${most}` : bounds.filter(Boolean).join('');
  return [integer ? 'whole numbers' : '', range].filter(Boolean).join(', ') || 'any';
}

function table(header: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
