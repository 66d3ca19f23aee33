/** Whether a request may come in. */
import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares the header `Authorization` with a token, in a time that tells nothing of either: digests of one length are
 * compared, to the last byte.
 */
export function tokenCheck(token: string): (authorization: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (authorization = '') => {
    const given = /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(digest(given), wanted);
  };
}
