// SPDX-License-Identifier: Apache-2.0
/** Servers and gateways that lie about lengths, ranges and validators: what arrives is the file, or nothing has arrived. */

import test from 'ava';
import { createBinary } from '../../tools/platform/operator.ts';
import { CONTENT, createScene, URL_OF_FILE } from './fetching.ts';
import { FileServer } from './file-server.ts';

type Request = Parameters<FileServer['file']>[0];

const fromOf = ({ headers }: Request) => Number(/[0-9]+/.exec(headers['range'] ?? '')?.[0]);
const TOTAL = CONTENT.length;

/** Answers to the request for the rest, each with what it says and what it sends. */
const LIES: Readonly<Record<string, (from: number) => string>> = {
  'a part of the rest, as RFC 9110 §15.3.7 allows': (from) =>
    part({ 'Content-Range': `bytes ${from}-${from + 99}/${TOTAL}` }, CONTENT.subarray(from, from + 100)),
  'a part of the rest that is named as all of it': (from) =>
    part({ 'Content-Range': `bytes ${from}-${TOTAL - 1}/${TOTAL}` }, CONTENT.subarray(from, -1000)),
  'the rest of a longer file': (from) =>
    part({ 'Content-Range': `bytes ${from}-${TOTAL - 1}/${TOTAL + 500}` }, CONTENT.subarray(from)),
  'the rest of a file of unknown length': (from) =>
    part({ 'Content-Range': `bytes ${from}-${from + 99}/*` }, CONTENT.subarray(from, from + 100)),
  'a longer rest than it names': (from) =>
    part({ 'Content-Range': `bytes ${from}-${TOTAL - 1}/${TOTAL}` }, Buffer.concat([CONTENT.subarray(from), CONTENT])),
  'the rest with a weak validator': (from) =>
    part(
      { ETag: 'W/"v1"', 'Content-Range': `bytes ${from}-${TOTAL - 1}/${TOTAL}` },
      CONTENT.subarray(from).map(() => 7),
    ),
  'the rest as if it were the whole': (from) =>
    part({ ETag: '"v1"', 'Content-Range': `bytes ${from}-${TOTAL - 1}/${TOTAL}` }, CONTENT.subarray(from), 200),
  'the rest as if it were the whole of unknown length': (from) =>
    part({ ETag: '"v1"', 'Content-Range': `bytes ${from}-${TOTAL - 1}/*` }, CONTENT.subarray(from), 200),
  'the beginning as if it were the whole': () =>
    part({ ETag: '"v1"', 'Content-Range': `bytes 0-99/${TOTAL}` }, CONTENT.subarray(0, 100), 200),
  'the rest in chunks that end too early': (from) =>
    `HTTP/1.1 206 x\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes ${from}-${TOTAL - 1}/${TOTAL}\r\n\r\n` +
    `64\r\n${Buffer.from(CONTENT.subarray(from, from + 100)).toString('latin1')}\r\n0\r\n\r\n`,
};

function part(fields: Readonly<Record<string, string>>, body: Uint8Array, status = 206): string {
  return FileServer.answer(status, { 'Content-Length': body.length, ...fields }, body.slice());
}

for (const [what, answer] of Object.entries(LIES)) {
  test(`the rest is asked for, and the answer is ${what}`, (t) => {
    const { server, fetch } = createScene(t);
    server.script.push((request) => ({ bytes: server.file(request).slice(0, 5000), ending: 'reset' }));
    server.script.push((request) => ({ bytes: answer(fromOf(request)) }));
    const taken = fetch(URL_OF_FILE);
    t.not(server.requests[1]?.headers['range'], undefined);
    t.deepEqual(taken.ends, ['done']);
    t.true(Buffer.from(taken.bytes).equals(Buffer.from(CONTENT)), `${taken.bytes.length} bytes`);
  });
}

test('a gateway before the platform that answers without a body decides nothing', (t) => {
  for (const status of [202, 204, 206]) {
    const { world, fetch } = createScene(t);
    const { id } = createBinary(world.platform, CONTENT);
    world.platform.order({ kind: 'status', path: '/inventory/binaries/*', status, body: '', times: 2 });
    const taken = fetch(`https://platform.test/inventory/binaries/${id}`);
    t.deepEqual(taken.ends, ['done'], String(status));
    t.true(Buffer.from(taken.bytes).equals(Buffer.from(CONTENT)));
  }
});
