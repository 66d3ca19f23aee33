/** Numbers of levels, read from their texts. */

/** A whole number from `least` to `most`; nothing for any other text. */
export function wholeNumberOf(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,12}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/** A decimal number from `least` to `most`; nothing for any other text. */
export function numberOf(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
