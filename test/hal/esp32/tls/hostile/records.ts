// SPDX-License-Identifier: Apache-2.0
/** Servers whose records or messages come out of order or are too large. */
import { certificateMessage, helloRequest, honest, message, serverHello, twice } from '../impostor.ts';
import { announced, type Case, exchange, record, times } from './parts.ts';

export const ORDER: readonly Case[] = [
  { name: 'certificates first', options: { flight: (parts) => honest(parts).slice(1) }, end: 'message 11', alert: 10 },
  {
    name: 'two hellos',
    options: { flight: (parts) => [serverHello(parts.random), ...honest(parts)] },
    end: 'message 2',
    alert: 10,
  },
  {
    name: 'no certificates',
    options: { flight: (parts) => honest(parts).filter((_, at) => at !== 1) },
    end: 'message 12',
    alert: 10,
  },
  {
    name: 'no exchange of keys',
    options: { flight: (parts) => honest(parts).filter((_, at) => at !== 2) },
    end: 'message 14',
    alert: 10,
    signatures: 2,
  },
  {
    name: 'a second exchange of keys, which nobody has signed',
    options: { flight: twice },
    end: 'message 12',
    alert: 10,
    signatures: 3,
  },
  {
    name: 'one request for another handshake too many (RFC 5246 §7.4.1.1 lets a client ignore them)',
    options: { flight: (parts) => [...times(6, helloRequest), ...honest(parts)] },
    end: 'message 0',
    alert: 10,
  },
  {
    name: 'more warnings and requests for another handshake than are ignored, together',
    options: { before: Buffer.concat([1, 2, 3].map(() => record(21, 1, 112))), after: times(3, helloRequest) },
    end: 'message 0',
    signatures: 3,
  },
  {
    name: 'one request for another handshake too many when the connection is up',
    options: { after: times(6, helloRequest) },
    end: 'message 0',
    signatures: 3,
  },
  {
    name: 'a request for another handshake with a body',
    options: { flight: (parts) => [message(0, Buffer.alloc(1)), ...honest(parts)] },
    end: 'message 0',
    alert: 10,
  },
  {
    name: 'two requests for another handshake in one record when the connection is up',
    options: { after: [Buffer.concat(times(2, helloRequest))] },
    end: 'type 22 with 32 bytes',
    signatures: 3,
  },
  ...[1, 2, 14, 20, 24].map((type) => ({
    name: `message ${type} when the connection is up`,
    options: { after: [message(type, Buffer.alloc(0))] },
    end: `message ${type}`,
    signatures: 3,
  })),
  {
    name: 'a ticket',
    options: { flight: (parts) => [...honest(parts), message(4, Buffer.alloc(6))] },
    end: 'message 4',

    signatures: 3,
  },
  {
    name: 'the end of the handshake at once',
    options: { flight: (parts) => [serverHello(parts.random), message(20, Buffer.alloc(12))] },
    end: 'message 20',
    alert: 10,
  },
  { name: 'encryption at once', options: { before: record(20, 1) }, end: 'too early', alert: 10 },
  {
    name: 'encryption in the middle of a message',
    options: { before: Buffer.concat([record(22, 2, 0), record(20, 1)]) },
    end: 'middle',
    alert: 10,
  },
  { name: 'data that is not encrypted', options: { before: record(23, 0x2b) }, end: 'type 23', alert: 10 },
  {
    name: 'a change of ciphers of two bytes',
    options: { before: announced(20, 2) },
    end: 'type 20 with 2 bytes',
    alert: 22,
  },
  {
    name: 'another Finished',
    options: { finish: (finished) => finished.fill(0, 4) },
    end: 'changed in transit',
    signatures: 3,
  },
  {
    name: 'a Finished that is longer',
    options: { finish: (finished) => Buffer.concat([finished, finished]) },
    end: 'type 22 with 56 bytes',
    signatures: 3,
  },
  { name: 'data in place of Finished', options: { finish: () => Buffer.alloc(16) }, end: 'message 0', signatures: 3 },
];

export const ALERTS: readonly Case[] = [
  {
    name: 'one warning too many',
    options: { before: Buffer.concat([1, 2, 3, 4, 5, 6].map(() => record(21, 1, 112))) },
    end: 'alert 112',
  },
  { name: 'a fatal alert', options: { before: record(21, 2, 80) }, end: 'alert 80' },
  { name: 'an alert of a level that is none', options: { before: record(21, 3, 80) }, end: 'alert 80' },
  { name: 'its end before its hello', options: { before: record(21, 1, 0) }, end: 'alert 0' },
  { name: 'an alert of one byte', options: { before: announced(21, 1) }, end: 'type 21 with 1 bytes', alert: 50 },
  { name: 'an alert of 16 KB', options: { before: announced(21, 16_384) }, end: 'type 21 with 16384 bytes', alert: 22 },
];

export const SIZES: readonly Case[] = [
  { name: 'a record of more than 16 KB', options: { before: announced(22, 16_385) }, end: '16385 bytes', alert: 22 },
  { name: 'a record without anything in it', options: { before: announced(22, 0) }, end: '0 bytes', alert: 50 },
  {
    name: 'no TLS',
    options: { before: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
    end: 'does not speak TLS',
    alert: 10,
  },
  {
    name: 'a hello of 16 MB',
    options: { before: record(22, 2, 0xff, 0xff, 0xff) },
    end: 'message 2 of the handshake has 16777215 bytes, at most 512 fit',
    alert: 47,
  },
  { name: 'a hello of 513 bytes', options: { before: record(22, 2, 0, 2, 1) }, end: 'has 513 bytes', alert: 47 },
  {
    name: 'certificates of more than 10 KB',
    options: { flight: ({ random }) => [serverHello(random), Buffer.from([11, 0, 0x28, 1])] },
    end: 'has 10241 bytes',
    alert: 47,
  },
  {
    name: 'nine certificates',
    options: {
      flight: ({ random, certificates: [leaf = Buffer.alloc(0)] }) => [
        serverHello(random),
        certificateMessage(new Array<Buffer>(9).fill(leaf)),
      ],
    },
    end: 'a chain of 9',
    alert: 48,
  },
  {
    name: 'an exchange of keys of more than 1 KB',
    options: { flight: exchange(() => Buffer.from([12, 0, 4, 1])) },
    end: 'has 1025 bytes',
    alert: 47,
    signatures: 2,
  },
  {
    name: 'a request for certificates of 16 KB',
    options: { flight: (parts) => [...honest(parts).slice(0, 3), Buffer.from([13, 0, 0x40, 0])] },
    end: 'has 16384 bytes',
    alert: 47,
    signatures: 3,
  },
  {
    name: 'an end of its flight that is not empty',
    options: { flight: (parts) => [...honest(parts).slice(0, 3), Buffer.from([14, 0, 0, 1, 0])] },
    end: 'has 1 bytes',
    alert: 47,
    signatures: 3,
  },
  { name: 'a flight in crumbs', options: { pieceBytes: 8 }, end: 'too many pieces', alert: 10, signatures: 0 },
];
