// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';

const path = '/inventory/binaries';
const boundary = 'xyz';

function form(parts: readonly [string, string | Uint8Array][]): Buffer {
  const pieces = parts.flatMap(([head, content]) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
const content = Buffer.from([0, 1, 2, 13, 10, 45, 45, 255]);

function upload(desk: Desk): string {
  const bytes = form([
    ['name="object"', '{"name":"firmware.bin","type":"application/octet-stream","c8y_X":{}}'],
    ['name="file"; filename="f.bin"', content],
  ]);
  return desk.send('POST', path, { bytes, headers }).id;
}

test('a file is uploaded as a form, read whole or in part, replaced and deleted', (t) => {
  const desk = new Desk();
  const id = upload(desk);
  const url = `${path}/${id}`;
  t.like(desk.send('GET', `/inventory/managedObjects/${id}`).json, {
    name: 'firmware.bin',
    type: 'application/octet-stream',
    length: 8,
    c8y_IsBinary: {},
    c8y_X: {},
  });
  t.deepEqual(Buffer.concat(desk.send('GET', url).pieces), content);
  const part = desk.send('GET', url, { headers: { range: 'bytes=3-' } });
  t.is(part.status, 206);
  t.is(part.headers['Content-Range'], 'bytes 3-7/8');
  t.deepEqual(Buffer.concat(part.pieces), content.subarray(3));
  t.is(desk.send('GET', url, { headers: { range: 'bytes=1-2' } }).headers['Content-Range'], 'bytes 1-2/8');
  t.is(desk.send('GET', url, { headers: { range: 'bytes=8-' } }).status, 416);
  desk.send('PUT', url, { bytes: Buffer.from('new'), headers: { 'content-type': 'text/plain' } });
  t.is(desk.send('GET', url).text, 'new');
  t.is((desk.send('GET', path).json['managedObjects'] as unknown[]).length, 1);
  t.is(desk.send('DELETE', url).status, 204);
  t.is(desk.send('GET', url).status, 404);
});

test('a part is sent only of the content that the validator stands for', (t) => {
  const desk = new Desk();
  const url = `${path}/${upload(desk)}`;
  const part = (headers: Readonly<Record<string, string>>) =>
    desk.send('GET', url, { headers: { range: 'bytes=3-', ...headers } });
  const { ETag: tag = '' } = desk.send('GET', url).headers;
  t.regex(tag, /^"[0-9a-f]{32}"$/, 'a strong one');
  for (const condition of [{}, { 'if-range': tag }]) {
    const { status, headers: sent, pieces } = part(condition);
    t.deepEqual([status, sent['ETag'], sent['Content-Range']], [206, tag, 'bytes 3-7/8']);
    t.deepEqual(Buffer.concat(pieces), content.subarray(3));
  }
  for (const condition of ['"another"', `W/${tag}`, tag.slice(1, -1), 'Thu, 15 Jan 2026 12:00:00 GMT']) {
    const { status, headers: sent, pieces } = part({ 'if-range': condition });
    t.deepEqual([status, sent['ETag'], sent['Content-Range']], [200, tag, undefined], condition);
    t.deepEqual(Buffer.concat(pieces), content);
  }
  desk.send('PUT', url, { bytes: Buffer.from('another'), headers: { 'content-type': 'text/plain' } });
  const after = part({ 'if-range': tag });
  t.is(after.status, 200);
  t.not(after.headers['ETag'], tag);
  t.is(after.text, 'another');
  // Of a range that cannot be read all is sent (RFC 9110 §14.2).
  for (const range of ['bytes=-3', 'bytes=a-', 'bytes=1-2,4-5', 'lines=1-']) t.is(part({ range }).status, 200, range);
});

test('a file needs credentials, and an object that is no file has no content', (t) => {
  const desk = new Desk();
  t.is(desk.send('GET', `${path}/${upload(desk)}`, { as: 'none' }).status, 401);
  const { id } = desk.send('POST', '/inventory/managedObjects', { body: {} });
  t.is(desk.send('GET', `${path}/${id}`).status, 404);
});

const bad: readonly [string, Buffer, string][] = [
  ['no boundary', Buffer.from('x'), 'multipart/form-data'],
  ['no file', form([['name="object"', '{}']]), headers['content-type']],
  [
    'an object that is no JSON',
    form([
      ['name="object"', '{'],
      ['name="file"', 'x'],
    ]),
    headers['content-type'],
  ],
  ['a part without a name', form([['x="file"', 'x']]), headers['content-type']],
  ['a part without an end of its head', Buffer.from(`--${boundary}\r\nx\r\n--${boundary}--`), headers['content-type']],
];
for (const [name, bytes, type] of bad) {
  test(`a form with ${name} is refused`, (t) => {
    t.is(new Desk().send('POST', path, { bytes, headers: { 'content-type': type } }).status, 400);
  });
}

test('a boundary is a line of its own: what looks like one inside of a line is content', (t) => {
  const tricky = Buffer.from(`a--${boundary}\r\nb\r\n--${boundary}z\r\n\n--${boundary}\r\nx-- --${boundary}--\r\n`);
  const desk = new Desk();
  const bytes = Buffer.concat([
    Buffer.from('a preamble\r\n'),
    form([['name="file"', tricky]]),
    Buffer.from('an epilogue'),
  ]);
  const { id } = desk.send('POST', path, { bytes, headers });
  t.deepEqual(Buffer.concat(desk.send('GET', `${path}/${id}`).pieces), tricky);
});

test('blanks behind a boundary are none of its name', (t) => {
  const desk = new Desk();
  const bytes = Buffer.from(
    `--${boundary} \t\r\nContent-Disposition: form-data; name=file\r\n\r\nabc\r\n--${boundary}-- \r\n`,
  );
  const { id } = desk.send('POST', path, { bytes, headers });
  t.is(desk.send('GET', `${path}/${id}`).text, 'abc');
});

test('a form that is cut off is refused', (t) => {
  const whole = form([['name="file"', 'abc']]);
  for (let length = 0; length < whole.length - 4; length++) {
    const answer = new Desk().send('POST', path, { bytes: whole.subarray(0, length), headers });
    t.is(answer.status, 400, `${length} of ${whole.length} bytes`);
  }
});
