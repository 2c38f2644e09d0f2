// SPDX-License-Identifier: Apache-2.0
/** Answers that no platform gives: broken ones, endless ones, and those of somebody in between. */

import { gzipSync } from 'node:zlib';
import type { Transit } from './wire.ts';

export interface Nonsense {
  readonly title: string;
  /** It says that all is well, so that the platform must have been asked: nobody can tell such a lie from the truth. */
  readonly affirmative?: boolean;
  /** @param real what the platform has answered; empty when it was not asked. */
  readonly answer: (real: Buffer, transit: Transit) => Uint8Array;
}

/** Where a redirect leads; nobody may ever be heard of there. */
const elsewhere = 'elsewhere.test';

const end = '\r\n\r\n';
const json = 'Content-Type: application/json\r\n';
const page = '<html><head><title>Sign in</title></head><body>Welcome to the Internet.</body></html>';
const megabyte = 1_048_576;

function nonsense(title: string, text: string | Uint8Array): Nonsense {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  return { title, answer: () => bytes };
}

/** A whole answer with a true length. */
export function answerOf(status: number | string, headers: string, body: string | Uint8Array): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  const head = `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

function chunked(headers: string, body: string): string {
  return `HTTP/1.1 200 OK\r\n${headers}Transfer-Encoding: chunked${end}${body}`;
}

const ok = `HTTP/1.1 200 OK\r\n${json}`;

/** What HTTP does not allow (RFC 9112). */
export const malformed: readonly Nonsense[] = [
  nonsense('no HTTP at all', `hello${end}`),
  nonsense('an SSH server', 'SSH-2.0-OpenSSH_9.6\r\n'),
  nonsense('an alert of TLS', Uint8Array.of(0x15, 3, 1, 0, 2, 2, 0x0a)),
  nonsense('zeros', new Uint8Array(5000)),
  nonsense(
    'bytes of all values',
    Uint8Array.from({ length: 2048 }, (_, i) => (i * 7) % 256),
  ),
  nonsense('HTTP/2', `HTTP/2 200 OK${end}`),
  nonsense('HTTP/1.9', `HTTP/1.9 200 OK\r\nContent-Length: 2${end}{}`),
  nonsense('ICY', `ICY 200 OK${end}`),
  nonsense('a status of two digits', `HTTP/1.1 20 OK${end}`),
  nonsense('a status of five digits', `HTTP/1.1 20000 OK${end}`),
  nonsense('a status that is a word', `HTTP/1.1 yes OK${end}`),
  nonsense('a status below 100', `HTTP/1.1 099 OK${end}`),
  nonsense('lines that end in LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\n{}'),
  nonsense('an empty line first', `\r\n${ok}Content-Length: 2${end}{}`),
  nonsense('a field without a colon', `${ok}Content-Length 2${end}{}`),
  nonsense('a field without a name', `${ok}: 2\r\nContent-Length: 2${end}{}`),
  nonsense('a blank before the colon', `${ok}Content-Length : 2${end}{}`),
  nonsense('a folded field', `${ok}X-A: 1\r\n Content-Length: 2${end}{}`),
  nonsense('a length that is negative', `${ok}Content-Length: -2${end}{}`),
  nonsense('a length that is a word', `${ok}Content-Length: two${end}{}`),
  nonsense('a length of twenty digits', `${ok}Content-Length: 99999999999999999999${end}{}`),
  nonsense('a list of lengths', `${ok}Content-Length: 2, 2${end}{}`),
  nonsense('two lengths', `${ok}Content-Length: 2\r\nContent-Length: 3${end}{}`),
  nonsense('both framings', `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked${end}0${end}`),
  nonsense('a coding that is unknown', `${ok}Transfer-Encoding: gzip, chunked${end}0${end}`),
  nonsense('chunks in HTTP/1.0', `HTTP/1.0 200 OK\r\n${json}Transfer-Encoding: chunked${end}0${end}`),
  nonsense('a chunk without a size', chunked(json, `\r\n{}\r\n0${end}`)),
  nonsense('a chunk of negative size', chunked(json, `-2\r\n{}\r\n0${end}`)),
  nonsense('a chunk of endless size', chunked(json, `FFFFFFFFFFFFFFFFFFFF\r\n{}`)),
  nonsense('a chunk longer than it says', chunked(json, `1\r\n{}\r\n0${end}`)),
  nonsense('a protocol that was not asked for', `HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c${end}`),
  nonsense('nothing but interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)),
  nonsense('a head of 10,000 fields', `${ok}${'X-Filler: 0123456789\r\n'.repeat(10_000)}`),
  nonsense('a head of one field of 100 KB', `${ok}X-Filler: ${'x'.repeat(100_000)}${end}`),
  nonsense('a reason of 100 KB', `HTTP/1.1 200 ${'O'.repeat(100_000)}K${end}`),
  nonsense('endless extensions of a chunk', chunked(json, `2;${'x=y;'.repeat(25_000)}\r\n{}\r\n0${end}`)),
  nonsense('endless trailers', chunked(json, `2\r\n{}\r\n0\r\n${'X-T: 1\r\n'.repeat(10_000)}`)),
  nonsense('less than its length says', `${ok}Content-Length: 1000${end}{}`),
];

/** The platform's own answers, changed on their way so that they are still answers. */
export const distorted: readonly Nonsense[] = [
  change('more than its length says', (text) =>
    text.replace(/Content-Length: (\d+)/, (_all, length) => `Content-Length: ${Math.max(0, length - 5)}`),
  ),
  change('the same answer twice', (text) => text + text),
  change('a page behind the answer', (text) => text + page),
  change('an interim answer first', (text) => `HTTP/1.1 103 Early Hints\r\nLink: </a>${end}${text}`),
  change('no body', (text) => `HTTP/1.1 ${text.slice(9, 12)} OK\r\nContent-Length: 0${end}`),
  change('204 with a body', (text) => text.replace(/^HTTP\/1.1 20\d [^\r]*/, 'HTTP/1.1 204 No Content')),
  change('labelled as compressed', (text) => text.replace(end, `\r\nContent-Encoding: gzip${end}`)),
  {
    title: 'compressed',
    affirmative: true,
    answer: (real) => {
      const body = gzipSync(real.subarray(real.indexOf(end) + 4));
      return answerOf(real.toString('latin1', 9, 15), `${json}Content-Encoding: gzip\r\n`, body);
    },
  },
  change('a field that injects another', (text) => text.replace(end, `\r\nX-A: b\rLocation: /666\nX-C: d\0${end}`)),
  change('a Location that leads elsewhere', (text) =>
    text.replace(/Location: .*/, `Location: https://${elsewhere}/inventory/managedObjects/../../666?x=1#2`),
  ),
  change('cookies of 8 KB', (text) => text.replace(end, `\r\nSet-Cookie: a=${'b'.repeat(8000)}; Path=/${end}`)),
  change('forty cookies', (text) => text.replace(end, `\r\n${cookies(40)}${end}`)),
  change('a time in the far future', (text) => text.replace(/Date: .*/, 'Date: Fri, 31 Dec 9999 23:59:59 GMT')),
  change('a time in the past', (text) => text.replace(/Date: .*/, 'Date: Thu, 01 Jan 1970 00:00:00 GMT')),
  change('no time', (text) => text.replace(/Date: .*/, 'Date: tomorrow')),
];

function change(title: string, act: (text: string) => string): Nonsense {
  return { title, affirmative: true, answer: (real) => Buffer.from(act(real.toString('latin1')), 'latin1') };
}

function cookies(count: number): string {
  return Array.from({ length: count }, (_, i) => `Set-Cookie: c${i}="${i}"; HttpOnly`).join('\r\n');
}
/** HTTP that is well-formed and comes from a portal, a balancer or a proxy. */
export const pages: readonly Nonsense[] = [
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 414, 415, 417, 421, 422, 425, 426, 428].map(
    html,
  ),
  ...[429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 599, 600, 999].map(html),
  html(200),
  html(201),
  ...[301, 302, 303, 307, 308].map((status) =>
    nonsense(
      `${status} to another host`,
      answerOf(status, `Location: http://${elsewhere}/inventory/managedObjects/666\r\n`, ''),
    ),
  ),
  nonsense('300 with a choice', answerOf(300, json, '["a","b"]')),
  nonsense('304', `HTTP/1.1 304 Not Modified${end}`),
  nonsense('a page without a length', `HTTP/1.0 200 OK\r\nContent-Type: text/html${end}${page}`),
  nonsense('a page without a type', answerOf(200, '', page)),
  nonsense('plain text', answerOf(200, 'Content-Type: text/plain\r\n', 'OK')),
  nonsense('a page of a megabyte', answerOf(200, 'Content-Type: text/html\r\n', 'x'.repeat(megabyte))),
  nonsense('a megabyte that is not found', answerOf(404, 'Content-Type: text/html\r\n', 'x'.repeat(megabyte))),
  nonsense('a page of 2,000 chunks', chunked('Content-Type: text/html\r\n', `${'1\r\nx\r\n'.repeat(2000)}0${end}`)),
];

function html(status: number): Nonsense {
  return nonsense(`${status} with a page`, answerOf(status, 'Content-Type: text/html\r\n', page));
}
