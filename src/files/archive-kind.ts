/** Tells archives apart by their content. Node only. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Header } from 'tar';
import { OutlierExposureError } from '../errors.ts';

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz' | 'gz';

const BLOCK = 512;

/** What kind of archive a file is, by its first bytes. @throws OutlierExposureError `unsupported` for others */
export async function archiveKind(archive: string): Promise<ArchiveKind> {
  const start = await firstBytes(archive);
  if (start.readUInt32BE(0) === 0x504b0304 || start.readUInt32BE(0) === 0x504b0506) return 'zip';
  if (start.readUInt16BE(0) === 0x1f8b) return isTar(await firstUnzipped(archive)) ? 'tar.gz' : 'gz';
  if (isTar(start)) return 'tar';
  const other = OTHERS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))?.name;
  throw new OutlierExposureError(
    'unsupported',
    `${archive} is ${other ? `a ${other} file` : 'no archive that is known'}; .zip, .tar, .tar.gz and .gz can be unpacked. ${other ? 'Unpack it yourself.' : 'Fetch it again, in case a page was saved in its place.'}`,
  );
}

const OTHERS = [
  { name: 'bzip2', magic: Buffer.from('BZh') },
  { name: 'xz', magic: Buffer.from('fd377a585a00', 'hex') },
  { name: 'zstd', magic: Buffer.from('28b52ffd', 'hex') },
  { name: '7z', magic: Buffer.from('377abcaf271c', 'hex') },
  { name: 'rar', magic: Buffer.from('Rar!') },
];

function isTar(start: Buffer): boolean {
  if (start.length < BLOCK) return false;
  try {
    return new Header(start, 0).cksumValid;
  } catch {
    return false;
  }
}

/** A block from the start, filled up with zeros. */
async function firstBytes(archive: string): Promise<Buffer> {
  const file = await open(archive);
  try {
    const start = Buffer.alloc(BLOCK);
    await file.read(start, 0, BLOCK, 0);
    return start;
  } finally {
    await file.close();
  }
}

async function firstUnzipped(archive: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of gunzipped(archive)) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) >= BLOCK) break;
    }
  } catch {
    // A damaged start is reported when it is unpacked.
  }
  return Buffer.concat(chunks);
}

/** What a gzip file holds. A failure of either stream ends the loop that reads it. */
export async function* gunzipped(archive: string, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const unzip = createGunzip();
  const file = createReadStream(archive);
  file.on('error', (error) => unzip.destroy(error));
  if (onRead) file.on('data', (chunk) => onRead(chunk.length));
  file.pipe(unzip);
  try {
    yield* unzip as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
    unzip.destroy();
  }
}
