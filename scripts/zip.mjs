/** Packs a zip archive again as tightly as deflate allows, which the packer of extensions doesn't: some 3 %. */
import { readFileSync, writeFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const STORED = 0, DEFLATED = 8;

/** The entries of an archive without comments and without zip64: the records of its directory, and their data as they are packed. */
function entriesOf(archive) {
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== END) throw new Error('this is no zip archive, or it has a comment');
  const entries = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error('the directory of the archive is broken');
    const name = archive.readUInt16LE(at + 28), rest = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const record = Buffer.from(archive.subarray(at, at + 46 + name));
    const local = record.readUInt32LE(42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    entries.push({ name: record.toString('utf8', 46), record, method: record.readUInt16LE(10), size: record.readUInt32LE(24), data: archive.subarray(start, start + record.readUInt32LE(20)) });
    at += 46 + name + rest;
  }
  return entries;
}

/** Names of the files in an archive, and the bytes that each takes there. */
export function contentsOf(file) {
  return entriesOf(readFileSync(file)).map(({ name, data }) => ({ name, packed: data.length }));
}

/** Writes the archive anew; what it holds, its names and its dates stay. */
export async function repack(file) {
  const parts = [], directory = [];
  let offset = 0;
  for (const { record, method, data, size } of entriesOf(readFileSync(file))) {
    const tight = method === DEFLATED ? Buffer.from(await zopfli.deflateAsync(inflateRawSync(data), { numiterations: 5 })) : data;
    const packed = tight.length < data.length ? tight : data;
    if (method !== DEFLATED && method !== STORED) throw new Error(`method ${method} is not known`);
    // Sizes are known here, so none follow the data; no extra fields, no comment.
    record.writeUInt16LE(record.readUInt16LE(8) & ~8, 8);
    record.writeUInt32LE(packed.length, 20);
    record.writeUInt32LE(size, 24);
    record.writeUInt32LE(0, 30);
    record.writeUInt32LE(offset, 42);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(LOCAL, 0);
    // Version, flags, method, date, checksum, sizes, length of the name: as in the directory.
    record.copy(header, 4, 6, 30);
    parts.push(header, record.subarray(46), packed);
    offset += 30 + record.length - 46 + packed.length;
    directory.push(record);
  }
  const length = directory.reduce((sum, record) => sum + record.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(file, Buffer.concat([...parts, ...directory, end]));
}
