// SPDX-License-Identifier: Apache-2.0
/** Servers whose lists do not fit, or whose exchange of keys is not as it should be. */
import { certificateMessage, honest, message, serverHello, vector } from '../impostor.ts';
import { type Case, cut, exchange } from './parts.ts';

export const LISTS: readonly Case[] = [
  {
    name: 'certificates longer than their message',
    options: {
      flight: (parts) => [
        serverHello(parts.random),
        cut(certificateMessage(parts.certificates), (body) => body.fill(0xff, 1, 2)),
      ],
    },
    end: 'cut off',
    alert: 50,
  },
  {
    name: 'a certificate longer than the list',
    options: {
      flight: (parts) => [
        serverHello(parts.random),
        cut(certificateMessage(parts.certificates), (body) => body.fill(0xff, 4, 5)),
      ],
    },
    end: 'cut off',
    alert: 50,
  },
  {
    name: 'something behind the certificates',
    options: {
      flight: (parts) => [
        serverHello(parts.random),
        cut(certificateMessage(parts.certificates), (body) => Buffer.concat([body, body])),
      ],
    },
    end: 'too long',
    alert: 50,
    signatures: 2,
  },
  {
    name: 'no certificate',
    options: { flight: (parts) => [serverHello(parts.random), certificateMessage([])] },
    end: 'no certificate',
    alert: 48,
  },
  {
    name: 'a certificate of no bytes',
    options: { flight: (parts) => [serverHello(parts.random), certificateMessage([Buffer.alloc(0)])] },
    end: 'cannot be read',
    alert: 48,
  },
  {
    name: 'algorithms longer than the request',
    options: {
      flight: (parts) => [...honest(parts).slice(0, 3), message(13, Buffer.from([1, 1, 0xff, 0xfe, 4, 1, 0, 0]))],
    },
    end: 'cut off',
    alert: 50,
    signatures: 3,
  },
  {
    name: 'one and a half algorithms',
    options: {
      flight: (parts) => [...honest(parts).slice(0, 3), message(13, Buffer.from([1, 1, 0, 3, 4, 1, 4, 0, 0]))],
    },
    end: 'cut off',
    alert: 50,
    signatures: 3,
  },
  {
    name: 'a name longer than the names',
    options: {
      flight: (parts) => [...honest(parts).slice(0, 3), message(13, Buffer.from([1, 1, 0, 2, 4, 1, 0, 3, 0, 9, 1]))],
    },
    end: 'cut off',
    alert: 50,
    signatures: 3,
  },
];

/** What is not on the list is refused before its signature is looked at: the certificates are two signatures. */
export const EXCHANGE: readonly Case[] = [
  ...[0x0001, 0x0101, 0x0201, 0x0301, 0x0202, 0x0402, 0x0203, 0x0403, 0x0400, 0x0701, 0x0804, 0x0807, 0xffff].map(
    (scheme): Case => ({
      name: `it signs with ${scheme.toString(16).padStart(4, '0')}`,
      options: {
        flight: exchange(({ parameters, signed }) => {
          const honest = signed(parameters);
          honest.writeUInt16BE(scheme, 4 + parameters.length);
          return honest;
        }),
      },
      end: `tls-untrusted: the server signs with ${scheme}, so it does not prove its key`,
      alert: 47,
      signatures: 2,
    }),
  ),
  {
    name: 'nobody has signed',
    options: {
      flight: exchange(({ parameters }) => message(12, Buffer.concat([parameters, Buffer.from([4, 1, 0, 0])]))),
    },
    end: 'not by the key',
    alert: 51,
    signatures: 2,
  },
  {
    name: 'a signature that was changed',
    options: {
      flight: exchange(({ parameters, signed }) => {
        const right = signed(parameters);
        return changed(right, right.length - 1);
      }),
    },
    end: 'not by the key',
    alert: 51,
    signatures: 3,
  },
  {
    name: 'a signature of 512 bytes for a key of 256',
    options: {
      flight: exchange(({ parameters }) =>
        message(12, Buffer.concat([parameters, Buffer.from([4, 1]), vector(2, Buffer.alloc(512, 1))])),
      ),
    },
    end: 'not by the key',
    alert: 51,
    signatures: 2,
  },
  {
    name: 'a curve that was not offered',
    options: {
      flight: exchange(({ parameters, signed }) => signed(Buffer.from([3, 0, 24, ...parameters.subarray(3)]))),
    },
    end: 'the curve',
    alert: 47,
    signatures: 2,
  },
  {
    name: 'a curve of its own',
    options: { flight: exchange(({ parameters, signed }) => signed(Buffer.from([1, ...parameters.subarray(1)]))) },
    end: 'the curve',
    alert: 47,
    signatures: 2,
  },
  {
    name: 'a point that is not on the curve',
    options: { flight: exchange(({ parameters, signed }) => signed(changed(parameters, 40))) },
    end: 'not on the curve',
    alert: 47,
    signatures: 3,
  },
  {
    name: 'a compressed point',
    options: {
      flight: exchange(({ parameters, signed }) =>
        signed(Buffer.concat([Buffer.from([3, 0, 23, 33, 2]), parameters.subarray(5, 37)])),
      ),
    },
    end: 'not on the curve',
    alert: 47,
    signatures: 3,
  },
  {
    name: 'the point of nowhere',
    options: { flight: exchange(({ signed }) => signed(Buffer.from([3, 0, 23, 1, 0]))) },
    end: 'not on the curve',
    alert: 47,
    signatures: 3,
  },
  {
    name: 'zeros in place of a point',
    options: {
      flight: exchange(({ signed }) => signed(Buffer.concat([Buffer.from([3, 0, 23, 65, 4]), Buffer.alloc(64)]))),
    },
    end: 'not on the curve',
    alert: 47,
    signatures: 3,
  },
  {
    name: 'something behind the signature',
    options: {
      flight: exchange(({ parameters, signed }) =>
        cut(signed(parameters), (body) => Buffer.concat([body, Buffer.alloc(1)])),
      ),
    },
    end: 'too long',
    alert: 50,
    signatures: 3,
  },
  {
    name: 'a signature longer than the message',
    options: { flight: exchange(({ parameters, signed }) => cut(signed(parameters), (body) => body.subarray(0, -1))) },
    end: 'cut off',
    alert: 50,
    signatures: 2,
  },
];

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
