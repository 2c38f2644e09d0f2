// SPDX-License-Identifier: Apache-2.0
/** Servers that are right, and those that begin with a wrong ServerHello. */
import { certificateRequest, done, helloRequest, honest, type Parts } from '../impostor.ts';
import { type Case, extensions, hello, record, times } from './parts.ts';

export const HONEST: readonly Case[] = [
  { name: 'nothing wrong', options: {}, end: 'end', signatures: 3 },
  { name: 'records of 32 bytes', options: { pieceBytes: 32 }, end: 'end', signatures: 3 },
  {
    name: 'warnings before its hello, as OpenSSL takes them',
    options: { before: Buffer.concat([1, 2, 3, 4, 5].map(() => record(21, 1, 112))) },
    end: 'end',
    signatures: 3,
  },
  {
    name: 'extensions that were asked for, and one that some send back',
    options: { flight: hello({ rest: extensions([0xff01, [0]], [11, [2, 0, 1]], [10, [0, 2, 0, 23]]) }) },
    end: 'end',
    signatures: 3,
  },
  {
    name: 'requests for another handshake before its hello (RFC 5246 §7.4.1.1)',
    options: { flight: (parts) => [...times(5, helloRequest), ...honest(parts)] },
    end: 'end',
    signatures: 3,
  },
  {
    name: 'a request for another handshake after each message, in records of 32 bytes',
    options: { flight: (parts) => honest(parts).flatMap((each) => [each, helloRequest]), pieceBytes: 32 },
    end: 'end',
    signatures: 3,
  },
  {
    name: 'requests for another handshake when the connection is up',
    options: { after: times(5, helloRequest) },
    end: 'end',
    signatures: 3,
  },
  { name: 'no extensions, in a list', options: { flight: hello({ rest: extensions() }) }, end: 'end', signatures: 3 },
  {
    name: 'a session id that it has made',
    options: { flight: hello({ id: Buffer.alloc(32, 1) }) },
    end: 'end',
    signatures: 3,
  },
  {
    name: 'a request for certificates with the names of a hundred CAs',
    options: { flight: (parts) => asking(parts, new Array<Buffer>(100).fill(Buffer.alloc(90, 0x30))) },
    end: 'end',
    signatures: 3,
  },
];

const asking = (parts: Parts, names: readonly Buffer[]) => [
  ...honest(parts).slice(0, 3),
  certificateRequest(names),
  done,
];

export const HELLO: readonly Case[] = [
  ...[
    [2, 0],
    [3, 0],
    [3, 2],
    [3, 4],
    [4, 0],
  ].map((version): Case => {
    const options = { flight: hello({ version }) };
    return { name: `version ${version.join('.')}`, options, end: 'TLS 1.2', alert: 70 };
  }),
  {
    name: 'a session id of 33 bytes',
    options: { flight: hello({ id: Buffer.alloc(33) }) },
    end: 'session id',
    alert: 50,
  },
  { name: 'a suite that was not offered', options: { flight: hello({ suite: [0, 0x2f] }) }, end: 'suite', alert: 47 },
  {
    name: 'the other suite than its key is for',
    options: { flight: hello({ suite: [0xc0, 0x2b] }) },
    end: 'key',
    alert: 47,
    signatures: 2,
  },
  { name: 'a compression', options: { flight: hello({ rest: Buffer.from([1]) }) }, end: 'compression', alert: 47 },
  {
    name: 'extensions that are cut off',
    options: { flight: hello({ rest: Buffer.from([0, 0, 9, 0, 0]) }) },
    end: 'cut off',
    alert: 50,
  },
  {
    name: 'something behind its extensions',
    options: { flight: hello({ rest: Buffer.concat([extensions(), Buffer.from([0])]) }) },
    end: 'too long',
    alert: 50,
  },
  { name: 'half a length', options: { flight: hello({ rest: Buffer.from([0, 0]) }) }, end: 'cut off', alert: 50 },
  {
    name: 'an extension longer than their list',
    options: { flight: hello({ rest: Buffer.from([0, 0, 4, 0, 11, 0, 2]) }) },
    end: 'cut off',
    alert: 50,
  },
  {
    name: 'an extension twice',
    options: { flight: hello({ rest: extensions([10, []], [10, []]) }) },
    end: 'repeated extension',
    alert: 50,
  },
  {
    name: 'an extension that was not offered',
    options: { flight: hello({ rest: extensions([16, [0, 3, 2, 0x68, 0x32]]) }) },
    end: 'asked',
    alert: 110,
  },
  {
    name: 'the name, which it was not told',
    options: { flight: hello({ rest: extensions([0, []]) }) },
    end: 'asked',
    alert: 110,
  },
  {
    name: 'signature algorithms',
    options: { flight: hello({ rest: extensions([13, [0, 2, 4, 1]]) }) },
    end: 'asked',
    alert: 110,
  },
  {
    name: 'that this is a renegotiation',
    options: { flight: hello({ rest: extensions([0xff01, [1, 1]]) }) },
    end: 'extension 65281',
    alert: 50,
  },
  {
    name: 'compressed points only',
    options: { flight: hello({ rest: extensions([11, [1, 1]]) }) },
    end: 'extension 11',
    alert: 50,
  },
  {
    name: 'formats of points longer than the extension',
    options: { flight: hello({ rest: extensions([11, [3, 0]]) }) },
    end: 'extension 11',
    alert: 50,
  },
];
