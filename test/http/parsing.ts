// SPDX-License-Identifier: Apache-2.0

import type { CookieJar } from '../../src/http/cookies.ts';
import { Method } from '../../src/http/request.ts';
import { type ResponseHandler, type ResponseHead, ResponseParser, ResponseState } from '../../src/http/response.ts';
import fc from '../support/property.ts';

export interface Result {
  state: ResponseState;
  error: string;
  heads: { status: number; keepAlive: boolean }[];
  body: string;
  /** Bytes that were not consumed. */
  rest: number;
  head: ResponseHead;
}

interface Feeding {
  method?: Method;
  bufferBytes?: number;
  /** Sizes of the pieces, over and over. */
  sizes?: readonly number[];
  cookies?: CookieJar;
  /** The other side closes in order at the end. */
  close?: boolean;
}

export function parse(
  text: string,
  { method = Method.Get, bufferBytes = 1024, sizes = [1 << 30], cookies, close = true }: Feeding = {},
): Result {
  const heads: Result['heads'] = [];
  let body = '';
  const parser = new ResponseParser();
  const handler: ResponseHandler = {
    onHead: (head) => heads.push({ status: head.status, keepAlive: head.keepAlive }),
    onBody: (bytes, from, to) => {
      body += Buffer.from(bytes.subarray(from, to)).toString('latin1');
    },
  };
  parser.begin(method, handler, cookies, true);
  const input = Buffer.from(text, 'latin1');
  const buffer = new Uint8Array(bufferBytes);
  let held = 0;
  let at = 0;
  for (let i = 0; at < input.length && parser.state < ResponseState.Done; i++) {
    const size = Math.min(sizes[i % sizes.length] ?? 1, input.length - at, buffer.length - held);
    if (size === 0) throw new Error('the parser wants more than fits its buffer');
    buffer.set(input.subarray(at, at + size), held);
    at += size;
    const end = held + size;
    const used = parser.feed(buffer, 0, end);
    if (used < 0 || used > end) throw new Error(`consumed ${used} of ${end}`);
    buffer.copyWithin(0, used, end);
    // What lies behind the held bytes must not matter.
    buffer.fill(i % 2 === 0 ? 0x0a : 0, end - used);
    held = end - used;
  }
  const rest = held + input.length - at;
  if (close) parser.finish();
  return { state: parser.state, error: parser.error, heads, body, rest, head: parser.head };
}

export const OK = 'HTTP/1.1 200 OK\r\n';

// Held against Node's parser (llhttp), which runs in strict mode.
const fieldName = fc.oneof(
  fc.constantFrom(
    'Content-Length',
    'content-length',
    'Transfer-Encoding',
    'Connection',
    'Date',
    'Location',
    'X-Any',
    'Content-Type',
    'Keep-Alive',
  ),
  fc.stringMatching(/^[A-Za-z-]{1,12}$/),
);

const fieldValue = fc.oneof(
  fc.constantFrom('0', '2', '5', '11', 'chunked', 'close', 'keep-alive', 'gzip', 'a, b', '', 'application/json'),
  fc.stringMatching(/^[ -~]{0,20}$/),
);

const blank = fc.constantFrom('', ' ', '  ');

export const field = fc
  .tuple(fieldName, blank, fieldValue, blank)
  .map(([name, before, value, after]) => `${name}:${before}${value}${after}\r\n`);

const chunks = fc
  .tuple(
    fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('', ';a', ';a=b', ';a="b c"')), {
      maxLength: 4,
    }),
    fc.array(field, { maxLength: 2 }),
  )
  .map(
    ([all, trailers]) =>
      `${all.map(([data, extension]) => `${Buffer.byteLength(data, 'latin1').toString(16)}${extension}\r\n${data}\r\n`).join('')}0\r\n${trailers.filter((each) => !/^(content-length|transfer-encoding|connection)/i.test(each)).join('')}\r\n`,
  );

export const body = fc.oneof(
  fc.string({ maxLength: 30 }),
  chunks,
  chunks.map((each) => `${each}more`),
);
