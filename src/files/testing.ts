/** Archives made byte by byte, for tests: with names and types that no packing tool would write. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface TestEntry {
  name: string;
  content?: Uint8Array | string;
  /** tar: the type character; `'0'` is a file, `'2'` a symbolic link. */
  type?: string;
  link?: string;
  /** zip: the Unix mode. */
  mode?: number;
  /** What the archive says in place of the truth. */
  claims?: { size?: number; crc32?: number; method?: number; flags?: number };
}

const BLOCK = 512;

export function tarOf(entries: TestEntry[], { end = true } = {}): Buffer {
  const blocks = entries.flatMap(({ name, content = '', type = '0', link = '', claims = {} }) => {
    const data = Buffer.from(content as string);
    const header = Buffer.alloc(BLOCK);
    header.write(name, 0, 100);
    header.write('0000777\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${(claims.size ?? data.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(end ? 2 * BLOCK : 0)]);
}

const UNIX = 3 << 8;

export function zipOf(entries: TestEntry[]): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content = '', mode = 0o100644, claims = {} } of entries) {
    const data = Buffer.from(content as string);
    const packed = deflateRawSync(data);
    const names = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(claims.flags ?? 0x800, 2);
    common.writeUInt16LE(claims.method ?? 8, 4);
    common.writeUInt32LE(claims.crc32 ?? crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims.size ?? data.length, 18);
    common.writeUInt16LE(names.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, names, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const made = Buffer.alloc(2);
    made.writeUInt16LE(UNIX | 20);
    directory.push(Buffer.concat([Buffer.from('504b0102', 'hex'), made, common, rest, names]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32BE(0x504b0506, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
