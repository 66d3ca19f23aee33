/** Made images as training goes on: the same latent vectors at the end of each epoch. */
import { type Model, sizeOf } from '../../onnx/index.ts';
import type { Runtime, Tensors } from '../../runtime/runtime.ts';
import { type Companion, withVariables } from '../trainer.ts';
import { generateOutliers } from './generate.ts';

/** The images of one epoch. */
export interface AlbumPage {
  /** Counted from 1. */
  epoch: number;
  /** One after the other, channels first, in (0, 1). */
  pixels: Float32Array;
}

const KEPT = 'album/';

export class Album implements Companion {
  readonly pages: AlbumPage[] = [];
  readonly #make: (variables: Tensors) => Promise<Float32Array>;

  /** @param parameters by initializer of the generator: the variable that holds it */
  constructor(
    generator: Model,
    parameters: ReadonlyMap<string, string>,
    { count, seed, runtime }: { count: number; seed: number; runtime: Runtime },
  ) {
    this.#make = async (variables) => {
      const source = generateOutliers(withVariables(generator, parameters, variables), {
        count,
        seed,
        runtime,
      });
      try {
        const pixels = new Float32Array(count * sizeOf(source.shape));
        await source.read([...Array(count).keys()], pixels);
        return pixels;
      } finally {
        await source.close?.();
      }
    };
  }

  load(kept: Tensors): void {
    for (const [name, { data }] of Object.entries(kept)) {
      if (!name.startsWith(KEPT)) continue;
      this.pages.push({ epoch: Number(name.slice(KEPT.length)), pixels: data as Float32Array });
    }
    this.pages.sort((a, b) => a.epoch - b.epoch);
  }

  save(): Tensors {
    return Object.fromEntries(
      this.pages.map(({ epoch, pixels }) => [
        `${KEPT}${epoch}`,
        { elementType: 'float32' as const, shape: [pixels.length], data: pixels },
      ]),
    );
  }

  async endEpoch(epoch: number, variables: Tensors): Promise<void> {
    this.pages.push({ epoch, pixels: await this.#make(variables) });
  }
}
