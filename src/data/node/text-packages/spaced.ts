/** Spaces around punctuation, which packages' texts lack and the tokenizer needs. */

/**
 * A text whose punctuation stands apart from its words, as in the paper's sets: `dogs, cats` becomes `dogs , cats`.
 * Hyphens, and apostrophes and points between letters or digits, stay where they are.
 */
export function spaced(text: string): string {
  return text
    .replaceAll(/[,;:!?()[\]{}"“”<>=/`…]|(?<![\p{L}\p{N}])['’.]|['’.](?![\p{L}\p{N}])/gu, ' $& ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
