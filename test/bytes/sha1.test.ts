// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import test from 'ava';
import { sha1 } from '../../src/bytes/sha1.ts';

test('the digest equals that of Node, at each length around the ends of blocks', (t) => {
  for (let length = 0; length <= 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    t.is(Buffer.from(sha1(message)).toString('hex'), createHash('sha1').update(message).digest('hex'), `${length}`);
  }
});

test('the handshake of RFC 6455 §1.3', (t) => {
  const key = Buffer.from('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11');
  t.is(Buffer.from(sha1(key)).toString('base64'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});
