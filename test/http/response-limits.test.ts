// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ascii } from '../../src/bytes/text.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { ResponseState } from '../../src/http/response.ts';
import { OK, parse } from './parsing.ts';

test('a field that is not read may contain anything but a line feed', (t) => {
  for (const text of [
    'HTTP/1.1 200 O\0\rK\r\nContent-Length: 2\r\n\r\nhi',
    `${OK}X\x01 y: a\rb\0c\x7f\r\r\nContent-Length: 2\r\n\r\nhi`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n2;\r\0\r\nhi\r\n0\r\n\r\n`,
  ]) {
    t.is(parse(text).body, 'hi', JSON.stringify(text));
  }
  for (const field of ['Content-Length: 2\r', 'Content-Length: \x002', 'Transfer-Encoding: chunked\r']) {
    t.is(parse(`${OK}${field}\r\n\r\n`).state, ResponseState.Failed, JSON.stringify(field));
  }
  t.is(parse(`${OK}Location: /a/1\r2\r\nContent-Length: 0\r\n\r\n`).head.locationId, undefined);
});

test('an endless head is cut off, in lines or in one', (t) => {
  for (const text of [
    `${OK}${'X: y\r\n'.repeat(101)}\r\n`,
    `${OK}${`X: ${'y'.repeat(300)}\r\n`.repeat(90)}\r\n`,
    `${OK}X: ${'y'.repeat(20_000)}`,
    'x'.repeat(20_000),
    `HTTP/1.1 200 ${'x'.repeat(20_000)}`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: y\r\n'.repeat(101)}\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'y'.repeat(20_000)}`,
    `HTTP/1.1 100 Continue\r\n${'X: y\r\n'.repeat(101)}\r\n`,
  ]) {
    const { state, error } = parse(text, { close: false });
    t.is(state, ResponseState.Failed, text.slice(0, 40));
    t.regex(error, /16 KB|100 fields|longer than the receive buffer/);
  }
  t.is(parse(`${OK}${'X: y\r\n'.repeat(99)}Content-Length: 0\r\n\r\n`).state, ResponseState.Done);
});

test('16 KB of head are allowed, and not a byte more', (t) => {
  const length = 'Content-Length: 0\r\n';
  const line = (bytes: number) => `X: ${'y'.repeat(bytes - 5)}\r\n`;
  const head = (bytes: number) =>
    `${OK}${line(1024).repeat(15)}${line(bytes - 15 * 1024 - length.length)}${length}\r\n`;
  t.is(parse(head(16_384)).state, ResponseState.Done);
  t.regex(parse(head(16_385)).error, /16 KB/);
});

test('a chunk size line has 256 bytes at most, however it is cut', (t) => {
  const chunked = (bytes: number) =>
    `${OK}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(bytes - 2)}\r\nhi\r\n0\r\n\r\n`;
  for (const sizes of [[1 << 30], [1], [7, 3]]) {
    t.is(parse(chunked(256), { sizes }).body, 'hi', `${sizes}`);
    t.regex(parse(chunked(257), { sizes }).error, /256/, `${sizes}`);
  }
});

test('a line that just fits the buffer, with a byte of what follows it, is read', (t) => {
  for (const bufferBytes of [64, 65]) {
    const field = 'Content-Length: 2';
    const line = `${field}${' '.repeat(bufferBytes - 1 - field.length - 2)}\r\n`;
    t.is(parse(`${OK}${line}\r\nhi`, { bufferBytes, sizes: [1] }).body, 'hi');
    t.regex(parse(`${OK}${line.replace(' ', '  ')}\r\nhi`, { bufferBytes, sizes: [1] }).error, /receive buffer/);
  }
});

test('a field larger than the buffer is passed over if it does not matter', (t) => {
  const large = 'y'.repeat(2000);
  for (const sizes of [[1 << 30], [1], [63, 64, 1]]) {
    for (const bufferBytes of [64, 100]) {
      for (const name of ['X-Large', 'Set-Cookie', 'Location', 'Date', 'Content-Type']) {
        const text = `${OK}${name}: ${large}\r\nContent-Length: 2\r\n\r\nhi`;
        const result = parse(text, { bufferBytes, sizes });
        t.is(result.state, ResponseState.Done, result.error);
        t.is(result.body, 'hi');
        t.is(result.head.locationId, undefined);
      }
      const trailer = parse(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${large}\r\n\r\n`, { bufferBytes, sizes });
      t.is(trailer.state, ResponseState.Done, trailer.error);
      for (const line of [
        `Content-Length: ${'0'.repeat(2000)}`,
        `Transfer-Encoding: ${' '.repeat(2000)}chunked`,
        `Connection: ${large}`,
        `${large}: x`,
      ]) {
        const failed = parse(`${OK}${line}\r\n\r\n`, { bufferBytes, sizes });
        t.regex(failed.error, /longer than the receive buffer/, line.slice(0, 20));
      }
      t.regex(parse(`${OK}X: ${large}\n${large}\r\n\r\n`, { bufferBytes, sizes }).error, /§2.2/);
      t.regex(parse(`${OK} X: ${large}\r\n\r\n`, { bufferBytes, sizes }).error, /§2.2/);
    }
  }
});

test('RFC 9112 §5.2: a folded field is one line, wherever it is folded and whatever the buffer holds', (t) => {
  const large = 'y'.repeat(200);
  for (const sizes of [[1 << 30], [1], [7, 64, 1]]) {
    for (const bufferBytes of [64, 256, 1024]) {
      const result = parse(
        `${OK}X: a;\r\n b\r\n\t\r\n  c: d\r\nContent-Type:\r\n application/json;\r\n\tcharset=UTF-8\r\n` +
          `X-Large: ${large}\r\n ${large}\r\n ${large}\r\n e\r\nContent-Length:\r\n 2\r\n\r\nhi`,
        { bufferBytes, sizes },
      );
      t.is(result.error, '');
      t.is(result.body, 'hi');
      t.true(result.head.hasJson);
    }
  }
  const { error } = parse(`${OK}${`X: y\r\n ${large}\r\n`.repeat(90)}\r\n`);
  t.regex(error, /16 KB/, 'what is folded counts');
});

test('a line that fills the buffer is passed over, and ends where it ends', (t) => {
  for (let length = 50; length < 70; length++) {
    for (const sizes of [[1 << 30], [1], [63, 1]]) {
      const line = `X: ${'y'.repeat(length - 5)}\r\n`;
      const text = `${OK}${line}Content-Length: 2\r\n\r\nhi`;
      const result = parse(text, { bufferBytes: 64, sizes });
      t.is(result.error, '', `${length}`);
      t.is(result.body, 'hi', `${length}`);
    }
  }
});

test('of a cookie that is longer than the buffer the attributes are cut off, or it is left out', (t) => {
  let leftOut = 0;
  const cookies = new CookieJar(64, ascii('/notification/operations'), {
    nowMs: () => 0,
    onCookieLeftOut: () => leftOut++,
  });
  const fields = `Set-Cookie: a=1; Path=/; X=${'x'.repeat(100)}\r\nSet-Cookie: b=${'y'.repeat(100)}\r\nSet-Cookie: c=3\r\n`;
  for (const sizes of [[1 << 30], [1]]) {
    parse(`${OK}${fields}Content-Length: 0\r\n\r\n`, { cookies, bufferBytes: 64, sizes });
    t.is(Buffer.from(cookies.value.bytes.subarray(0, cookies.value.end)).toString(), 'a=1; c=3');
  }
  t.is(leftOut, 2);
});
