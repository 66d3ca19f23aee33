/** Decoded images kept in memory, up to a bound. */

export interface KeptImages {
  get(index: number): Uint8Array | undefined;
  put(index: number, pixels: Uint8Array): void;
  clear(): void;
}

/** Images are kept in blocks of about this many bytes: few objects, and no more memory than is used. */
const BLOCK = 2 ** 20;

/**
 * Keeps the first images that are put there, until the memory is full. None is thrown out for another: when a set
 * that does not fit is read in random order, what is kept does not matter.
 *
 * @param size bytes an image
 * @param count how many images there are
 * @param memory bytes to use at most
 */
export function keptImages({
  size,
  count,
  memory,
}: {
  size: number;
  count: number;
  memory: number;
}): KeptImages {
  const perBlock = Math.min(count, Math.max(1, Math.floor(BLOCK / size)));
  const maxBlocks = Math.floor(memory / (perBlock * size));
  const blocks = new Map<number, { pixels: Uint8Array; has: Uint8Array }>();
  return {
    get(index) {
      const block = blocks.get(Math.floor(index / perBlock));
      const place = index % perBlock;
      return block?.has[place] ? block.pixels.subarray(place * size, (place + 1) * size) : undefined;
    },
    put(index, pixels) {
      const number = Math.floor(index / perBlock);
      let block = blocks.get(number);
      if (!block) {
        if (blocks.size >= maxBlocks) return;
        block = { pixels: new Uint8Array(perBlock * size), has: new Uint8Array(perBlock) };
        blocks.set(number, block);
      }
      block.pixels.set(pixels, (index % perBlock) * size);
      block.has[index % perBlock] = 1;
    },
    clear: () => blocks.clear(),
  };
}
