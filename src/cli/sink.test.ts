import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSink, streamSink } from './sink.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-sink-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('fileSink', () => {
  it('takes its place when it is whole, and not before', async () => {
    const path = join(folder, 'scores.txt');
    writeFileSync(path, 'old');
    const sink = fileSink(path);
    await sink.write('');
    await sink.write('one\n');
    await sink.write(Uint8Array.of(116, 119, 111));
    expect(readFileSync(path, 'utf8')).toBe('old');
    await sink.close();
    await sink.abandon();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo');
    expect(readdirSync(folder)).toEqual(['scores.txt']);
  });

  it('leaves what was there when it is abandoned', async () => {
    const path = join(folder, 'scores.txt');
    writeFileSync(path, 'old');
    const sink = fileSink(path);
    await sink.write('new');
    await sink.abandon();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['scores.txt']);
  });

  it('says why it cannot be written', async () => {
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(fileSink(join(folder, 'nowhere', 'file')).write('x')).rejects.toMatchObject({
      code: 'not-found',
    });
    const sink = fileSink(join(folder, 'taken'));
    await sink.write('x');
    await expect(sink.close()).rejects.toThrowError(/taken cannot be written/);
  });
});

describe('streamSink', () => {
  it('waits for a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 10 });
    const sink = streamSink(stream);
    let written = false;
    const writing = sink.write('more than ten characters').then((more) => {
      written = true;
      return more;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written).toBe(false);
    expect(String(stream.read())).toBe('more than ten characters');
    expect(await writing).toBe(true);
  });

  it('says when nobody reads any more', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    stream.on('error', () => {});
    const sink = streamSink(stream);
    const writing = sink.write('a line');
    stream.destroy();
    expect(await writing).toBe(false);
    expect(await sink.write('another')).toBe(false);
  });
});
