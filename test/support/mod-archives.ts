// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import type { Digest } from '../../hal/esp32/mods/archive.ts';

export function createMd5(): Digest {
  const hash = createHash('md5');
  return { write: (bytes) => void hash.update(bytes), close: () => Uint8Array.from(hash.digest()).buffer };
}

function part(type: string, ...content: Uint8Array[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}

/** An archive of `length` bytes as the SDK's mcrun makes it; `seed` tells one from another. */
export function archive(length: number, seed = 1): Uint8Array {
  const [name, symbols, maps] = [Buffer.from('tech.moddable.mod\0'), Buffer.from([1, 0, 0]), Buffer.from([1, 0])];
  const identifiers = Buffer.alloc(2);
  const [path, data] = [Buffer.from('mod\0'), Buffer.from('some data')];
  const [file, padding] = [Buffer.from('note.txt\0'), Buffer.alloc(3, 7)];
  const make = (codeBytes: number) => {
    const code = Buffer.from(Array.from({ length: codeBytes }, (_, i) => (i * seed) & 0xff));
    const md5 = createMd5();
    for (const each of [name, symbols, maps, path, code, file, data]) md5.write(each);
    return part(
      'XS_A',
      part('VERS', Buffer.from([17, 7, 0, 0])),
      part('SIGN', Buffer.from(md5.close())),
      part('NAME', name),
      part('SYMB', symbols),
      part('IDEN', identifiers),
      part('MAPS', maps),
      part('MODS', part('PATH', path), part('CODE', code)),
      part('RSRC', part('PATH', file, padding), part('DATA', data)),
    );
  };
  return Uint8Array.from(make(length - make(0).length));
}

/** What `readArchiveId` makes of it. */
export function idOf(bytes: Uint8Array): string {
  return new DataView(bytes.buffer).getUint32(28).toString(16);
}
