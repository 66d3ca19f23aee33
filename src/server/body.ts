/** A request's body, up to a size. */
import type { IncomingMessage } from 'node:http';
import { problem } from './problem.ts';

/** @throws HTTPException 413 when there is more, 400 when it breaks off, 415 when it is compressed */
export async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw problem(415, 'unsupported-type', 'A compressed body is not taken: send it as it is.');
  if (announced(request) > most) throw tooLarge(most);
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      end();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= most) chunks.push(chunk);
      else
        settle(() => {
          request.pause();
          reject(tooLarge(most));
        });
    };
    const onEnd = () =>
      settle(() => {
        const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
        resolve(new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.length));
      });
    const onClose = () =>
      settle(() => reject(problem(400, 'invalid-argument', 'The body broke off.', { connection: 'close' })));
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** The length that a request says it has; 0 where it says none. */
export function announced({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

function tooLarge(most: number) {
  // What is left of the body stays unread, so that the connection is of no use any more.
  return problem(413, 'too-large', `The body has more than the ${most} bytes that are taken.`, {
    connection: 'close',
  });
}
