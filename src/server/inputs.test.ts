/** Bodies of strangers. */
import fc from 'fast-check';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../data/npy.ts';
import { OutlierExposureError } from '../errors.ts';
import { allowance, gate } from './admission.ts';
import { wantedFrom } from './inputs.ts';
import { problem, problemOf } from './problem.ts';
import { tokenCheck } from './token.ts';

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const part = '--x\r\ncontent-disposition: form-data; name="a"; filename="b"\r\n\r\nhello\r\n--x--\r\n';
const BODIES: [type: string, body: Uint8Array<ArrayBuffer>, items: number][] = [
  ['application/json', bytes('{"images":["aGVsbG8=","aGk"]}'), 2],
  ['application/json; charset=utf-8', bytes('{"tensor":[0.5,0,1,0.25],"shape":[2,1,1,2]}'), 2],
  ['application/x-npy', encodeNpy(new Uint8Array(12), [1, 3, 4]), 1],
  ['multipart/form-data; boundary=x', bytes(part), 1],
  ['text/plain', bytes('hello'), 1],
  ['IMAGE/PNG', bytes('png'), 1],
];

describe('wantedFrom', () => {
  it.each(BODIES)('reads %s', async (type, body, count) => {
    expect((await wantedFrom(body, type)).items).toHaveLength(count);
  });
  it('gives items or an answer of 4xx for any damage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(BODIES.length - 1),
        fc.nat(),
        fc.nat(5),
        fc.uint8Array({ maxLength: 4 }),
        async (which, place, cut, put) => {
          const [type, body] = BODIES[which]!;
          const at = place % (body.length + 1);
          const changed = new Uint8Array([...body.subarray(0, at), ...put, ...body.subarray(at + cut)]);
          try {
            expect((await wantedFrom(changed, type)).items.length).toBeGreaterThan(0);
          } catch (error) {
            expect(
              error instanceof OutlierExposureError || error instanceof HTTPException,
              String(error),
            ).toBe(true);
            expect(problemOf(error).status).toBeLessThan(500);
          }
        },
      ),
      { seed: 1, numRuns: 1500 },
    );
  });
});

describe('what is not foreseen', () => {
  it('says nothing of itself', () => {
    expect(problemOf(new Error('secret'))).toMatchObject({
      status: 500,
      code: 'internal',
      message: expect.not.stringMatching('secret'),
    });
    expect(problemOf(problem(429, 'busy', 'later', { 'retry-after': '3' }))).toEqual({
      status: 429,
      code: 'busy',
      message: 'later',
      headers: { 'retry-after': '3' },
    });
  });
});

describe('the door', () => {
  it('lets in no more than there is room for', () => {
    const room = allowance(5);
    const [first, second] = [room.take(3), room.take(3)];
    expect([first === undefined, second]).toEqual([false, undefined]);
    first!();
    first!();
    expect(room.used).toBe(0);
    expect(room.take(5)).toBeDefined();
  });
  it('lets so many through at once', async () => {
    const through = gate(2);
    let [inside, most] = [0, 0];
    const done = await Promise.allSettled(
      Array.from({ length: 9 }, (_, i) =>
        through(async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
          if (i === 4) throw new Error('one fails');
          return i;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  });
  it('knows its token', () => {
    const mayEnter = tokenCheck('correct horse');
    expect(['Bearer correct horse', 'bearer correct horse'].map(mayEnter)).toEqual([true, true]);
    expect(
      [undefined, '', 'Bearer', 'correct horse', 'Basic correct horse', 'Bearer correct horse!'].map(
        mayEnter,
      ),
    ).not.toContain(true);
  });
});
