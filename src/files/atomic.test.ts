import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureWritableFolder, readFileBounded, writeFileAtomic } from './atomic.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing else', async () => {
    const path = join(folder, 'value.txt');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, Uint8Array.of(116, 119, 111));
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['value.txt']);
  });

  it('leaves what was there when it fails', async () => {
    const path = join(folder, 'busy');
    mkdirSync(join(path, 'inside'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toThrowError(/busy cannot be written/);
    expect(readdirSync(path)).toEqual(['inside']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says that a folder is missing', async () => {
    await expect(writeFileAtomic(join(folder, 'no', 'file'), 'x')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('ensureWritableFolder', () => {
  it('makes it, with those above', async () => {
    await ensureWritableFolder(join(folder, 'a', 'b'));
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([]);
  });

  it('says that a file is in the way', async () => {
    writeFileSync(join(folder, 'plain'), '');
    await expect(ensureWritableFolder(join(folder, 'plain'))).rejects.toThrowError(
      /plain cannot be written to/,
    );
    await expect(ensureWritableFolder(join(folder, 'plain', 'below'))).rejects.toThrowError(
      /cannot be written to/,
    );
  });
});

describe('readFileBounded', () => {
  it('reads', async () => {
    writeFileSync(join(folder, 'bytes'), Uint8Array.of(1, 2, 3));
    expect(await readFileBounded(join(folder, 'bytes'))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('refuses what is too large, a folder, or not there', async () => {
    writeFileSync(join(folder, 'large'), new Uint8Array(100));
    await expect(readFileBounded(join(folder, 'large'), { maxBytes: 99 })).rejects.toThrowError(/at most 99/);
    await expect(readFileBounded(folder, { what: 'score file' })).rejects.toThrowError(
      /is a folder, but a score file was expected/,
    );
    await expect(readFileBounded('/dev/zero')).rejects.toThrowError(/is a device or a pipe/);
    await expect(readFileBounded(join(folder, 'nothing'))).rejects.toThrowError(/no such file/);
  });
});
