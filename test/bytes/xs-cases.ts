// SPDX-License-Identifier: Apache-2.0

import { base64, decodeBase64Url } from '../../src/bytes/base64.ts';
import { Sha256 } from '../../src/bytes/sha256.ts';
import { ascii, decodeUtf8, utf8 } from '../../src/bytes/text.ts';
import { parseHttpDate } from '../../src/bytes/time.ts';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { identityOf, Method, RequestWriter } from '../../src/http/request.ts';
import { type ResponseHead, ResponseParser } from '../../src/http/response.ts';
import { elementList } from '../../src/json/element-list.ts';
import { isValid, member, readId, readNumber, readString, stringEquals } from '../../src/json/scan.ts';
import { ElementSplitter } from '../../src/json/splitter.ts';
import { type Json, writeJson, writeString } from '../../src/json/write.ts';

// At module level, so that they lie in flash.
const TEXTS = [
  '',
  'plain',
  'é',
  '€uro',
  '😀',
  'a😀é\0z',
  '\ud83d\ude00',
  'x\ud800y',
  '\udc00',
  '\u2028"\\\n\x01\x7f',
  '\ud7ff\ue000',
];
const BYTES = [
  '',
  '41',
  '00',
  '4100ff42',
  'f09f9880',
  'eda080',
  'c080',
  'e282',
  'f0908080',
  'f48fbfbf',
  'f4908080',
  'c3a9c3',
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  21.37,
  -0.004,
  1.005,
  8.345,
  0.125,
  -0.125,
  99.995,
  1e21,
  5e-324,
  9007199254740991,
  2 ** 31,
  1 / 3,
];
const TIMES = [0, -1, 1767524015128, 253402300800000, -62167219200001, 8.64e15, -8.64e15];
const DATES = [
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  'Sun, 31 Nov 1994 08:49:37 GMT',
];
const FROZEN: Json = { a: [1, { b: null, 'é😀': '"\n' }], c: true, d: -1.5e-7 };
const OPERATION = utf8(
  '[{"channel":"/2480300","id":"139","data":{"id":"123456","deviceId":2480300,"status":"PENDING","n":-12.5e1,' +
    '"description":"caf\\u00e9 \\ud83d\\ude00 \\"x\\" \\ud800","c8y_Command":{"text":"status"},"c8y_Command":{"text":"help"}}},' +
    '{"channel":"/meta/connect","successful":true,"advice":{"reconnect":"retry","interval":0,"timeout":5400000}}]',
);
const CHUNKED = ascii(
  'HTTP/1.1 201 Created\r\nDate: Sun, 04 Jan 2026 10:53:35 GMT\r\nContent-Type: application/x+json;charset=UTF-8\r\n' +
    'Transfer-Encoding: chunked\r\nSet-Cookie: a=1; Path=/\r\nLocation: https://t/measurement/measurements/1234567\r\n' +
    'Server: nginx\r\nConnection: keep-alive\r\n\r\n2a;x=y\r\n{"id":"1234567","self":"https://t12345.x"}\r\n0\r\n\r\n',
);
const LENGTH = ascii(
  'HTTP/1.1 201 Created\r\nDate: Sun, 04 Jan 2026 10:53:35 GMT\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\nhi',
);
const IDENTITY = identityOf(ascii('t.example'), ascii('Basic eA=='));
const PATH = ascii('/measurement/measurements');
const TYPE = ascii('application/json');
const BEFORE = ascii('{"time":"');
const AFTER = ascii('","value":');
const DATA = ascii('data');
const ID = ascii('id');
const NAMES = [ascii('id'), ascii('deviceId'), ascii('status'), ascii('none')];
const PENDING = ascii('PENDING');
const DATA_AT = member(OPERATION, 1, OPERATION.length, DATA);

class Owner {
  readonly lines: string[] = [];

  onHead(head: ResponseHead): void {
    this.lines.push(`${head.status} ${head.dateMs} ${head.keepAlive} ${head.hasJson} ${head.locationId}`);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    this.lines.push(hex(bytes, from, to));
  }

  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    this.lines.push(`${hex(bytes, from, to)} ${elided}`);
  }
}

class Silent {
  onHead(): void {}
  onBody(): void {}
  onElement(): void {}
}

/** Strings of two engines are compared by their bytes: XS counts in code points. */
function hex(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (256 + (bytes[i] ?? 0)).toString(16).slice(1);
  return text;
}

function unhex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function written(write: (w: ByteWriter) => void): string {
  const w = new ByteWriter(8, 4096);
  write(w);
  return hex(w.bytes, 0, w.end);
}

function hexOf(text: string | undefined): string {
  return text === undefined ? 'undefined' : written((w) => w.text(text));
}

/** What every engine must agree about, one line each. */
export function outcomes(): string[] {
  const lines: string[] = [];
  for (const text of TEXTS) {
    const bytes = utf8(text);
    lines.push(hex(bytes, 0, bytes.length), hexOf(decodeUtf8(bytes, 0, bytes.length)));
    lines.push(
      written((w) => writeString(w, text)),
      written((w) => w.percentEncoded(text)),
    );
  }
  for (const text of BYTES) {
    const bytes = unhex(text);
    lines.push(hexOf(decodeUtf8(bytes, 0, bytes.length)));
    lines.push(hex(base64(bytes), 0, base64(bytes).length));
  }
  for (const value of NUMBERS) {
    lines.push(
      written((w) => w.fixed(value, 2)),
      written((w) => w.fixed(value, 0)),
      written((w) => w.number(value)),
    );
    lines.push(written((w) => w.integer(Math.floor(value) % 1e15)));
  }
  for (const ms of TIMES) lines.push(written((w) => w.iso(ms)));
  for (const text of DATES) lines.push(String(parseHttpDate(ascii(text), 0, text.length)));
  lines.push(written((w) => void writeJson(w, FROZEN)));
  for (const length of [0, 55, 56, 64, 65, CHUNKED.length]) {
    const sha256 = new Sha256();
    for (let at = 0; at < length; at += 7) sha256.update(CHUNKED, at, Math.min(at + 7, length));
    lines.push(sha256.hex());
  }
  lines.push(hex(decodeBase64Url(ascii('eyJhIjoxfQ'), 0, 10) ?? PATH, 0, 7));
  return lines.concat(jsonOutcomes(), httpOutcomes());
}

function jsonOutcomes(): string[] {
  const to = OPERATION.length;
  const lines = [String(isValid(OPERATION, 0, to))];
  for (const name of NAMES) {
    const at = member(OPERATION, DATA_AT, to, name);
    lines.push(`${at} ${readId(OPERATION, at, to)}`);
  }
  lines.push(hexOf(readString(OPERATION, member(OPERATION, DATA_AT, to, ascii('description')), to)));
  lines.push(String(readNumber(OPERATION, member(OPERATION, DATA_AT, to, ascii('n')), to)));
  for (const size of [1, 7, 64, to]) {
    const owner = new Owner();
    const splitter = new ElementSplitter(elementList({ bufferBytes: 128, bufferMaxBytes: 160, memberDepth: 2 }), owner);
    for (let at = 0; at < to; at += size) splitter.feed(OPERATION, at, Math.min(at + size, to));
    lines.push(...owner.lines, String(splitter.end()));
  }
  return lines;
}

function httpOutcomes(): string[] {
  const owner = new Owner();
  const jar = new CookieJar(32, ascii('/notification/operations'), {
    nowMs: () => 0,
    onCookieLeftOut: () => undefined,
  });
  const parser = new ResponseParser();
  const buffer = new Uint8Array(128);
  parser.begin(Method.Get, owner, jar, true);
  let held = 0;
  for (let at = 0; at < CHUNKED.length; at += 5) {
    for (let i = at; i < at + 5 && i < CHUNKED.length; i++) buffer[held++] = CHUNKED[i] ?? 0;
    const used = parser.feed(buffer, 0, held);
    buffer.copyWithin(0, used, held);
    held -= used;
  }
  const request = new RequestWriter(16, 1024).identify(IDENTITY);
  request.start(Method.Post).put(PATH).cookies(jar).headers(TYPE, undefined).text('é');
  return [
    ...owner.lines,
    `${parser.state} ${parser.error}`,
    String(request.finish()),
    hex(request.bytes, 0, request.end),
  ];
}

/** What runs for each measurement, poll or operation, and must not allocate. */
export function hotPaths(): [string, () => void][] {
  const w = new ByteWriter(512, 512);
  const request = new RequestWriter(512, 512).identify(IDENTITY);
  const parser = new ResponseParser();
  const sha256 = new Sha256();
  const splitter = new ElementSplitter(
    elementList({ bufferBytes: 512, bufferMaxBytes: 4096, memberDepth: 2 }),
    new Silent(),
  );
  const buffer = new Uint8Array(1024);
  const to = OPERATION.length;
  const deviceAt = member(OPERATION, DATA_AT, to, NAMES[1] as Uint8Array);
  const statusAt = member(OPERATION, DATA_AT, to, NAMES[2] as Uint8Array);
  return [
    [
      'writer',
      () => w.clear().put(PATH).byte(1).putRange(PATH, 1, 9).integer(-2480300).fixed(21.37, 2).iso(1767524015128),
    ],
    [
      'request',
      () => {
        request
          .start(Method.Post)
          .put(PATH)
          .headers(TYPE, undefined)
          .put(BEFORE)
          .iso(1767524015128)
          .put(AFTER)
          .fixed(-1.5, 2);
        request.finish();
      },
    ],
    ['response with length', () => parse(parser, buffer, LENGTH)],
    ['response in chunks', () => parse(parser, buffer, CHUNKED)],
    ['digest', () => sha256.update(CHUNKED, 0, CHUNKED.length)],
    ['time', () => parseHttpDate(LENGTH, 28, 57)],
    ['splitter', () => splitAtOnce(splitter)],
    ['member', () => member(OPERATION, DATA_AT, to, ID)],
    ['values', () => stringEquals(OPERATION, statusAt, to, PENDING) && readNumber(OPERATION, deviceAt, to)],
  ];
}

const SILENT = new Silent();

function parse(parser: ResponseParser, buffer: Uint8Array, response: Uint8Array): void {
  buffer.set(response);
  parser.begin(Method.Post, SILENT);
  parser.feed(buffer, 0, response.length);
}

function splitAtOnce(splitter: ElementSplitter): void {
  splitter.reset();
  splitter.feed(OPERATION, 0, OPERATION.length);
}
