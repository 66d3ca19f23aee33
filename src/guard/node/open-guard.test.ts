import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import { writeModel } from '../../onnx/index.ts';
import { saveThreshold } from '../../thresholds/node/index.ts';
import { bar, barsModel, SHAPE, SIDE, thresholdFor } from '../testing.ts';
import { imageDecoder, openGuard, pictureFormat } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'oe-guard-'));
const at = (name: string) => join(folder, name);
const here = { place: 'here', threads: 1 } as const;

/** A picture of a bar, times as large. */
function picture(third: number, times = 1) {
  const pixels = bar(third);
  const size = SIDE * SIDE;
  const data = Uint8Array.from({ length: 3 * size }, (_, i) =>
    Math.round(255 * pixels[(i % 3) * size + Math.floor(i / 3)]!),
  );
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } }).resize(SIDE * times, SIDE * times, {
    kernel: 'nearest',
  });
}

/** A PNG of zeros, whose file says it is as large as it is. */
export function hugePng(side: number): Uint8Array {
  const chunk = (name: string, data: Uint8Array) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length, 0);
    bytes.write(name, 4, 'latin1');
    bytes.set(data, 8);
    // The checksum stays wrong: heads are read before.
    return bytes;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(new Uint8Array(100))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

beforeAll(async () => {
  writeFileSync(at('bars.onnx'), writeModel(barsModel()));
  await saveThreshold(at('bars.guard.json'), thresholdFor(barsModel()));
  await picture(1, 5).png().toFile(at('middle.png'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('openGuard', () => {
  it('finds the threshold beside the model, and decodes paths and files in any format', async () => {
    const guard = await openGuard(at('bars.onnx'), { ...here, whileIdle: 'sleep' });
    const files = await Promise.all([
      picture(0).png().toBuffer(),
      picture(1, 3).jpeg({ quality: 95 }).toBuffer(),
      picture(2, 8).webp({ lossless: true }).toBuffer(),
      picture(0, 2).gif().toBuffer(),
      picture(1).tiff().toBuffer(),
      picture(2, 4).avif({ quality: 90 }).toBuffer(),
    ]);
    expect(files.map(pictureFormat)).toEqual(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif']);
    const results = await guard.check([...files, at('middle.png'), { data: bar(1), shape: SHAPE }]);
    expect(results.map((result) => 'label' in result && [result.label, result.isOutlier])).toEqual(
      [0, 1, 2, 0, 1, 2, 1, 1].map((label) => [label, false]),
    );
    await guard.dispose();
  });

  it('says what it cannot take', async () => {
    const guard = await openGuard(at('bars.onnx'), { ...here, maxPixels: 10_000 });
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const results = await guard.check([
      at('none.png'),
      folder,
      svg,
      (await picture(0).png().toBuffer()).subarray(0, 60),
      hugePng(60_000),
      await picture(0, 9).png().toBuffer(),
    ]);
    expect(results.map((result) => 'error' in result && result.error.message)).toEqual([
      expect.stringMatching(/none.png cannot be read: no such file/),
      expect.stringMatching(/is a folder, but a image was expected|is a folder/),
      expect.stringMatching(/is no picture: PNG/),
      expect.stringMatching(/cannot be decoded/),
      expect.stringMatching(/has 60000×60000 pixels, where at most 10000 are decoded/),
      expect.stringMatching(/has 108×108 pixels/),
    ]);
    await guard.dispose();
  });

  it('says which files are missing or do not belong together', async () => {
    mkdirSync(at('alone'));
    writeFileSync(at('alone/bars.onnx'), writeModel(barsModel()));
    await expect(openGuard(at('alone/bars.onnx'), here)).rejects.toThrow(
      /no threshold beside .*bars.guard.json or guard.json/,
    );
    await saveThreshold(at('alone/guard.json'), thresholdFor(barsModel(0.01), 'other.onnx'));
    await expect(openGuard(at('alone/bars.onnx'), here)).rejects.toThrow(
      /chosen for another model, other.onnx/,
    );
    await (await openGuard(at('alone/bars.onnx'), { ...here, otherModel: 'allow' })).dispose();
    await expect(
      openGuard(at('nothing.onnx'), { ...here, threshold: at('bars.guard.json') }),
    ).rejects.toThrow(OutlierExposureError);
  });
});

describe('decoding', () => {
  it('gives pixels or a sentence for any damage', async () => {
    const file = await picture(1).png().toBuffer();
    const decode = imageDecoder({ maxPixels: 100_000 });
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), fc.boolean(), async (place, value, cut) => {
        const changed = cut ? file.subarray(0, place) : file.map((byte, i) => (i === place ? value : byte));
        try {
          expect((await decode(Uint8Array.from(changed), SHAPE)).data.length).toBe(3 * SIDE * SIDE);
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
