/** One kept-alive connection that sends prepared requests and reads no more of an answer than where it ends. */
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** @returns a whole request as bytes: head and body go out in one write */
export function checkRequest(url, body) {
  const { host } = new URL(url);
  const head = `POST /v1/check HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-npy\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** @returns sends a request and gives the answer's status; -1 where the connection broke, which the next request opens anew */
export function connection(url) {
  const { hostname, port } = new URL(url);
  let socket;
  let settle;
  let received = [];
  const done = (status) => {
    const resolve = settle;
    settle = undefined;
    received = [];
    resolve?.(status);
  };
  const lost = () => {
    socket = undefined;
    done(-1);
  };
  const open = () => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true });
    const gone = () => {
      if (socket === opened) lost();
    };
    opened.on('data', (chunk) => {
      received.push(chunk);
      const answer = received.length === 1 ? chunk : Buffer.concat(received);
      received = [answer];
      const end = answer.indexOf(HEAD_END);
      if (end < 0) return;
      const head = answer.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
      if (Number.isNaN(length)) throw new Error(`An answer without a length: ${head}`);
      if (answer.length < end + 4 + length) return;
      if (/\r\nconnection: *close/i.test(head)) {
        socket = undefined;
        opened.end();
      }
      done(Number(head.slice(9, 12)));
    });
    opened.on('error', gone);
    opened.on('close', gone);
    return opened;
  };
  return {
    send(request) {
      return new Promise((resolve) => {
        settle = resolve;
        socket ??= open();
        socket.write(request);
      });
    },
    close() {
      const open = socket;
      socket = undefined;
      open?.destroy();
    },
  };
}

/** Connections as they are needed, up to so many; requests beyond them wait. */
export function connections(url, most) {
  const idle = [];
  const waiting = [];
  const all = [];
  return {
    async send(request) {
      let own = idle.pop();
      if (!own && all.length < most) {
        own = connection(url);
        all.push(own);
      }
      own ??= await new Promise((resolve) => waiting.push(resolve));
      const status = await own.send(request);
      const next = waiting.shift();
      if (next) next(own);
      else idle.push(own);
      return status;
    },
    close() {
      for (const each of all) each.close();
    },
  };
}
