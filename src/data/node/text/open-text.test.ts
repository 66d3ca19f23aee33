/** Sets of texts as they lie on disks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tarOf, zipOf } from '../../../files/testing.ts';
import { encodeNpy } from '../../npy.ts';
import { allTexts, fixture } from '../../text/testing.ts';
import { resultOrSentence, testFolder } from '../formats/testing.ts';
import { openText } from './index.ts';
import { invalidUtf8, linesOf } from './lines.ts';

const folder = testFolder();
const cache = process.env.OE_CACHE;
beforeAll(() => {
  process.env.OE_CACHE = join(folder, 'cache');
});
afterAll(() => {
  if (cache === undefined) delete process.env.OE_CACHE;
  else process.env.OE_CACHE = cache;
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('files', () => {
  const content = 'DESC:manner\tHow ?\nLOC:city\tWhere ?\n';
  it.each([
    ['set.tsv', content],
    ['set.tsv.gz', gzipSync(content)],
    ['set.txt', content.replaceAll('\n', '\r\n')],
    ['set', `\uFEFF${content.trimEnd()}`],
    ['set-parts.tsv.gz', Buffer.concat([gzipSync(content.slice(0, 20)), gzipSync(content.slice(20))])],
  ])('%s', async (name, bytes) => {
    const source = await openText(file(name, bytes));
    expect(allTexts(source)).toEqual(['How ?', 'Where ?']);
    expect([...source.labels!]).toEqual([0, 1]);
    expect(source.classNames).toEqual(['DESC:manner', 'LOC:city']);
    expect(source.name).toBe(name.replace(/\..*/, ''));
  });
  it('are fingerprinted with how they are read', async () => {
    const path = file('print.tsv', content);
    const plain = await openText(path);
    expect(plain.fingerprint).toMatch(/^[0-9a-f]{64}, read as tsv$/);
    expect((await openText(path, { name: 'other' })).fingerprint).toBe(plain.fingerprint);
    expect((await openText(path, { labels: 'coarse', maxTokens: 1 })).fingerprint).toBe(
      `${plain.fingerprint}, labels "coarse", maxTokens 1`,
    );
    writeFileSync(path, content.replace('How', 'Who'));
    expect((await openText(path)).fingerprint).not.toBe(plain.fingerprint);
  });
  it('follow each other', async () => {
    const paths = [file('one.tsv', content), file('two.tsv', 'NUM:dist\tFar ?\n')];
    const joined = await openText(paths, { name: 'both' });
    expect(allTexts(joined)).toEqual(['How ?', 'Where ?', 'Far ?']);
    expect(joined).toMatchObject({ name: 'both', classNames: ['DESC:manner', 'LOC:city', 'NUM:dist'] });
  });
  it('of many pieces are read whole', async () => {
    const texts = Array.from({ length: 30_000 }, (_, i) => `text ${i} é日😀 ${'x'.repeat(i % 50)}`.trim());
    for (const path of [
      file('many.txt', texts.join('\n')),
      file('many.txt.gz', gzipSync(texts.join('\r\n'))),
    ]) {
      const progress: number[] = [];
      const source = await openText(path, { onProgress: (done, total) => progress.push(done / total) });
      expect(allTexts(source)).toEqual(texts);
      expect(progress.at(-1)).toBe(1);
    }
  });
  it('of TREC hold a byte that is no UTF-8', async () => {
    const bytes = Buffer.from('LOC:city Which sister\xf0city ?\nDESC:def What ?\n', 'latin1');
    expect((await openText(file('train_5500.label', bytes))).text(0)).toBe('Which sister city ?');
  });
  it('may be in an older encoding', async () => {
    const path = file('old.txt', Buffer.from('caf\xe9\n', 'latin1'));
    expect((await openText(path, { encoding: 'latin1' })).text(0)).toBe('café');
    await expect(openText(path)).rejects.toThrow(
      `${path} is not UTF-8: its byte 3 is 0xe9; convert it, or give the encoding "latin1"`,
    );
  });
  it('say where they are no UTF-8, far into a compressed one, too', async () => {
    const good = Buffer.from('é line\n'.repeat(50_000));
    const path = file('late.txt.gz', gzipSync(Buffer.concat([good, Buffer.from([0x61, 0xff, 0x0a])])));
    await expect(openText(path)).rejects.toThrow(`its byte ${good.length + 1} (unpacked) is 0xff`);
  });
  it('that are damaged or strange are refused', async () => {
    const long = 'x'.repeat(2 ** 22 + 1);
    const whole = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => `${i * 7919}`).join('\n')));
    for (const [name, bytes, message] of [
      ['utf16.txt', Buffer.from('\uFEFFtext', 'utf16le'), /is UTF-16 text: save it as UTF-8/],
      ['long.txt', `a\n${long}\nb\n`, /long.txt, line 2: it has more than 4194304 bytes/],
      ['longer.txt', `a\n${long}${long}`, /longer.txt, line 2: it has more/],
      ['long.txt.gz', gzipSync(Buffer.alloc(2 ** 24, 0x61)), /line 1: it has more/],
      ['cut.txt.gz', whole.subarray(0, whole.length / 2), /cannot be unpacked: .*; fetch it again/],
      ['empty.txt', '', /has no texts: it is empty/],
      ['set.parquet', 'PAR1....', /is a Parquet file, and is not read: save its texts/],
      ['set.pkl', Buffer.from([0x80, 4, 0x95]), /pickle, which can run any program/],
      ['set.xz', Buffer.from('\xfd7zXZ\0', 'latin1'), /compressed in a way that is not unpacked/],
    ] as const) {
      await expect(openText(file(name, bytes)), name).rejects.toThrow(message);
    }
    await expect(openText(join(folder, 'none.txt'))).rejects.toThrow(/none.txt cannot be read: no such file/);
    await expect(openText([])).rejects.toThrow(/No path/);
  });
  it('that do not fit into memory are refused', async () => {
    const path = file('large.txt', 'one two\n'.repeat(1000));
    await expect(openText(path, { memory: 5000 })).rejects.toThrow(/has more than 5000 bytes of text/);
    expect(await openText(path, { memory: 5000, maxTokens: 1 })).toHaveLength(1000);
  });
  it('are not read further when work is to end', async () => {
    const path = file('stop.txt', 'one\n'.repeat(10));
    await expect(openText(path, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    const control = new AbortController();
    const work = openText(path, { signal: control.signal, onProgress: () => control.abort() });
    await expect(work).rejects.toThrow(/abort/i);
  });
});

describe('folders', () => {
  it('hold a file a split', async () => {
    file('sst/train.txt', '(3 (2 a) (4 b))\n');
    file('sst/dev.txt', '(1 c)\n');
    file('sst/README', 'about it\n');
    const sst = join(folder, 'sst');
    expect((await openText(sst, { split: 'validation' })).text(0)).toBe('c');
    await expect(openText(sst)).rejects.toThrow(/has the splits validation, train: give the one to read/);
    await expect(openText(sst, { split: 'test' })).rejects.toThrow(/but not "test"/);
  });
  it('hold a folder a class, and a file a text', async () => {
    for (const split of ['20news-bydate-train', '20news-bydate-test'])
      for (const name of ['sci.space', 'alt.atheism'])
        for (const number of [1, 2])
          file(`news/${split}/${name}/${number}`, `${split.slice(14)} of\n${name} ${number}\n`);
    const source = await openText(join(folder, 'news'), { split: 'test', name: 'news' });
    expect(allTexts(source)).toEqual([
      'test of\nalt.atheism 1',
      'test of\nalt.atheism 2',
      'test of\nsci.space 1',
      'test of\nsci.space 2',
    ]);
    expect([...source.labels!]).toEqual([0, 0, 1, 1]);
    expect(source).toMatchObject({ name: 'news', classNames: ['alt.atheism', 'sci.space'] });
    const options = { split: 'test', classes: ['sci.space', 'alt.atheism'] };
    expect([...(await openText(join(folder, 'news'), options)).labels!]).toEqual([1, 1, 0, 0]);
    const before = source.fingerprint;
    file('news/20news-bydate-test/sci.space/2', 'changed');
    expect((await openText(join(folder, 'news'), { split: 'test' })).fingerprint).not.toBe(before);
  });
  it('of IMDB hold reviews without a class beside', async () => {
    for (const name of [
      'aclImdb/train/pos/0_9.txt',
      'aclImdb/train/neg/0_1.txt',
      'aclImdb/train/unsup/0_0.txt',
    ])
      file(name, name);
    file('aclImdb/train/urls_pos.txt', 'http://example.org');
    expect((await openText(join(folder, 'aclImdb'), { split: 'train' })).classNames).toEqual(['neg', 'pos']);
  });
  it('that hold no set, or several, are refused', async () => {
    file('several/a.txt', 'a');
    file('several/b.txt', 'b');
    file('several/README.md', 'about');
    await expect(openText(join(folder, 'several'))).rejects.toThrow(/holds several files: a.txt, b.txt/);
    const all = await openText(join(folder, 'several'), { format: 'lines' });
    expect([allTexts(all), all.name]).toEqual([['a', 'b'], 'several']);
    mkdirSync(join(folder, 'bare'));
    await expect(openText(join(folder, 'bare'))).rejects.toThrow(/holds no texts/);
  });
});

describe('labels in a file of their own', () => {
  const texts = () => file('beside/texts.txt', 'one\n\ntwo words\nthree\n');
  it.each([
    ['labels.txt', 'b\n\na\nb\n', ['a', 'b'], [1, 0, 1]],
    ['numbers.txt', '\uFEFF1\r\n0\r\n0\r\n1', undefined, [1, 0, 1]],
    ['labels.json', '["b", "x", "a", "b"]', ['a', 'b'], [1, 0, 1]],
    ['labels.csv', 'label\n2\n9\n0\n2\n', undefined, [2, 0, 2]],
    ['labels.npy', encodeNpy(Int32Array.of(1, 0, 0, 1), [4]), undefined, [1, 0, 1]],
  ])('%s', async (name, content, classNames, labels) => {
    const source = await openText(texts(), { labelsFrom: file(`beside/${name}`, content) });
    expect(allTexts(source)).toEqual(['one', 'two words', 'three']);
    expect([[...source.labels!], source.classNames]).toEqual([labels, classNames]);
    expect(source.dropped).toEqual({ empty: 1 });
  });
  it('stand in place of those beside the texts, and count for the fingerprint', async () => {
    const table = file('beside/table.tsv', 'x\tone\ny\ttwo\n');
    const labelsFrom = file('beside/other.txt', 'k:b\nk:a\n');
    const source = await openText(table, { labelsFrom, classes: ['k:b', 'k:a'] });
    expect([[...source.labels!], source.classNames]).toEqual([
      [0, 1],
      ['k:b', 'k:a'],
    ]);
    file('beside/other.txt', 'k:a\nk:b\n');
    const changed = await openText(table, { labelsFrom, classes: ['k:b', 'k:a'] });
    expect(changed.fingerprint).not.toBe(source.fingerprint);
    expect((await openText(table, { labelsFrom, labels: 'coarse' })).classNames).toEqual(['k']);
  });
  it.each([
    ['a\nb\n', /labels.txt has 2 labels, but .*texts.txt has more texts: give one label for each/],
    ['a\nb\nc\nd\ne\n', /has 5 labels, but .*texts.txt has 4 texts/],
    ['a\nb\n\nd\n', /no label in line 3/],
    [Buffer.from([0xff, 0x0a]), /labels.txt is not UTF-8/],
    ['', /has 0 labels/],
  ])('%j is refused', async (content, message) => {
    const labelsFrom = file('beside/labels.txt', content);
    await expect(openText(texts(), { labelsFrom })).rejects.toThrow(message);
  });
  it('are for one file', async () => {
    const labelsFrom = file('beside/labels.txt', 'a\n');
    await expect(openText([texts(), texts()], { labelsFrom })).rejects.toThrow(
      /labels for one set of texts, but 2/,
    );
    file('beside/classes/a/1', 'x');
    file('beside/classes/b/1', 'y');
    await expect(openText(join(folder, 'beside/classes'), { labelsFrom })).rejects.toThrow(/second ones/);
    await expect(openText(texts(), { labelsFrom: join(folder, 'none') })).rejects.toThrow(
      /none cannot be read/,
    );
  });
});

describe('archives', () => {
  const entries = [
    { name: 'trees/train.txt', content: '(3 a)\n' },
    { name: 'trees/test.txt', content: '(1 b)\n' },
  ];
  it.each([
    ['trees.zip', zipOf(entries)],
    ['trees.tar', tarOf(entries)],
    ['trees.tar.gz', gzipSync(tarOf(entries))],
  ])('%s', async (name, bytes) => {
    const source = await openText(file(name, bytes), { split: 'test' });
    expect(allTexts(source)).toEqual(['b']);
    expect(source.name).toBe('trees');
  });
});

describe('invalidUtf8', () => {
  it('finds the place that Python finds', () => {
    for (const { bytes, at } of fixture.utf8)
      expect(invalidUtf8(Uint8Array.from(bytes), 0), bytes.join()).toBe(at);
  });
  it('agrees with the decoder on any bytes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const at = invalidUtf8(bytes, 0);
        expect(() => decoder.decode(bytes.subarray(0, at))).not.toThrow();
        if (at < bytes.length) expect(() => decoder.decode(bytes)).toThrow();
      }),
    );
  });
});

it('lines are those of the text, however it is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'é', '\n', '\r', '\r\n', ' '), { maxLength: 40 }),
      async (parts) => {
        const text = parts.join('');
        const expected = text.split('\n').map((line) => line.replace(/\r$/, ''));
        if (expected.at(-1) === '' && text.at(-1) !== '\r') expected.pop();
        const found: string[] = [];
        for await (const lines of linesOf(file('property.txt', text), { encoding: 'utf-8' }))
          found.push(...lines);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

it('damaged files give texts or a sentence', async () => {
  const contents: [string, Buffer][] = [
    ['trees.txt', Buffer.from('(3 (2 It) (4 works))\n(1 (2 No) (0 never))\n')],
    ['pairs.tsv', Buffer.from('neutral\tP\tH one\nentailment\tP\tH two\n')],
    ['rows.csv', Buffer.from('text,label\n"a, ""b""",1\nc,0\n')],
    ['lines.jsonl', Buffer.from('{"text":"a","label":1}\n{"text":"b","label":0}\n')],
    ['words.conllu', Buffer.from('# text = a b\n1\ta\n2\tb\n\n1\tc\n')],
    ['news.sgm', Buffer.from('<doc><seg id="1">a &amp; b</seg>\n<seg>c</seg></doc>\n')],
    ['packed.txt.gz', gzipSync('one\ntwo\nthree\n')],
  ];
  const edit = fc.tuple(fc.nat(200), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...contents),
      fc.array(edit, { maxLength: 4 }),
      fc.nat(200),
      async ([name, bytes], edits, keep) => {
        const copy = Buffer.from(bytes);
        for (const [at, byte] of edits) copy[at % copy.length] = byte;
        const path = file(`damaged-${name}`, keep > 100 ? copy : copy.subarray(0, keep % copy.length));
        await resultOrSentence(async () => {
          const source = await openText(path);
          expect(source.length).toBeGreaterThan(0);
          expect(allTexts(source).join('').length).toBeLessThan(300);
        });
      },
    ),
    { numRuns: 150 },
  );
});
