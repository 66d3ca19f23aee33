/** What is said of a training when it is done. */
import { percent } from '../../report/index.ts';
import { terminalTable } from '../terminal-table.ts';
import { recordPath, type TrainingRecord } from './record.ts';
import { tradeOffPath, tradeOffTable } from './trade-off-table.ts';

/** A few lines for a terminal. */
export function summary({ settings, model, data, validation, tradeOff, training }: TrainingRecord): string {
  const count = (role: string) => data.find((each) => each.role === role)?.count.toLocaleString('en');
  const outliers = count('outliers for training');
  const what = model.shape ? 'images' : 'texts';
  const last = training.history.at(-1)!.losses;
  const lines = [
    `Trained on ${count('in-distribution train')} ${what} of ${model.classes} classes` +
      `${outliers ? ` and ${outliers} outliers` : ''} in ${training.seconds.toFixed(1)} s: in the last epoch a loss of ` +
      `${last.loss!.toFixed(4)} and ${percent(1 - last.accuracy!)} % error.`,
  ];
  if (validation) {
    const { before, error, count: validated } = validation;
    const was = before === undefined ? '' : `${percent(before)} % before, `;
    lines.push(
      `Error on ${validated.toLocaleString('en')} validation ${what}: ${was}${percent(error)} %${before === undefined ? '' : ' now'}.`,
    );
  }
  const out = String(settings.out);
  if (tradeOff) lines.push('', terminalTable(tradeOffTable(tradeOff)), '');
  const page = tradeOff ? `, and ${tradeOffPath(out)} shows what was tried` : '';
  lines.push(`Written to ${out}; ${recordPath(out)} says how it was made${page}.`);
  return `${lines.join('\n')}\n`;
}
