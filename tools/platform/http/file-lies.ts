// SPDX-License-Identifier: Apache-2.0

import { gzipSync } from 'node:zlib';
import { type Lie, PART_LIES } from '../lies.ts';

/** An answer with its body. */
export interface SentFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The connection ends after the body. */
  readonly isCut?: boolean;
}

/** Bytes that a lie adds or leaves out. */
const SOME_BYTES = 500;
const RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;

/** The answer as the lie has it. Undefined: it is not about such an answer. */
export function liedAbout(lie: Lie, sent: SentFile): SentFile | undefined {
  const { status, headers, body } = sent;
  const isPart = PART_LIES.some((each) => each === lie);
  const range = RANGE.exec(headers['Content-Range'] ?? '');
  if (isPart ? status !== 206 || range === null : status !== 200 || body.length <= SOME_BYTES) return undefined;
  const [from, to, total] = (range?.slice(1) ?? []).map(Number) as [number, number, number];
  switch (lie) {
    case 'longer':
      return { ...sent, headers: { ...headers, 'Content-Length': `${body.length + SOME_BYTES}` }, isCut: true };
    case 'short':
      return withBody(sent, body.subarray(0, -SOME_BYTES));
    case 'gzip':
      return withBody(sent, gzipSync(body), { 'Content-Encoding': 'gzip' });
    case 'other-tag':
    case 'weak-tag':
      // The file has changed meanwhile.
      return withBody(
        sent,
        body.map(() => 0x62),
        { ETag: lie === 'weak-tag' ? `W/${headers['ETag']}` : '"another"' },
      );
    case 'other-start':
      // As many bytes, from an earlier place on.
      return withBody(sent, Buffer.concat([Buffer.alloc(1, 'b'), body.subarray(0, -1)]), {
        'Content-Range': `bytes ${from - 1}-${to - 1}/${total}`,
      });
    case 'other-total':
      return withBody(sent, body, { 'Content-Range': `bytes ${from}-${to}/${total + SOME_BYTES}` });
    case 'as-whole':
      return { ...sent, status: 200 };
    case 'short-part':
      return withBody(sent, body.subarray(0, Math.floor(body.length / 2)));
    case 'surplus':
      return withBody(sent, Buffer.concat([body, body]));
  }
}

function withBody(sent: SentFile, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): SentFile {
  return { ...sent, headers: { ...sent.headers, ...headers, 'Content-Length': `${body.length}` }, body };
}
