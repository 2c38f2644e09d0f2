// SPDX-License-Identifier: Apache-2.0
/** What servers may say before they are known that costs a small machine the most. */

const NAME_BYTES = 300;
const KEY_BYTES = 256;
const RSA_SHA256 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const HOST = 'device.example.localhost';

type Bytes = readonly number[];

function der(tag: number, ...parts: readonly Bytes[]): Bytes {
  const content = parts.flat();
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return [tag, ...head, ...content];
}

const fill = (length: number, value: number) => new Array<number>(length).fill(value);
const text = (value: string) => [...value].map((each) => each.charCodeAt(0));
const time = (digits: string) => der(0x17, text(`${digits}Z`));

/** A name of its own for each number. */
const nameOf = (number: number) => der(0x30, [...fill(NAME_BYTES, 0x2e), number]);

function extension(id: Bytes, value: Bytes): Bytes {
  return der(0x30, der(0x06, id), der(0x04, value));
}

export interface Wish {
  readonly subject: number;
  readonly issuer: number;
  readonly extensions?: readonly Bytes[];
}

/** Signed with zeros, which is right where every signature is. */
function certificate({ subject, issuer, extensions = [] }: Wish): Bytes {
  const algorithm = der(0x30, der(0x06, RSA_SHA256), [5, 0]);
  const key = der(0x30, der(0x02, [0, ...fill(KEY_BYTES, 0xff)]), der(0x02, [1, 0, 1]));
  const signed = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    algorithm,
    nameOf(issuer),
    der(0x30, time('200101000000'), time('491231235959')),
    nameOf(subject),
    der(0x30, der(0x30, der(0x06, RSA), [5, 0]), der(0x03, [0], key)),
    der(0xa3, der(0x30, ...extensions)),
  );
  return der(0x30, signed, algorithm, der(0x03, [0, ...fill(KEY_BYTES, 0)]));
}

const CA = extension([0x55, 0x1d, 0x13], der(0x30, [1, 1, 0xff]));
const named = (...more: readonly Bytes[]) => extension([0x55, 0x1d, 0x11], der(0x30, ...more, der(0x82, text(HOST))));
const strange = (number: number, length: number) => extension([0x2a, 0x86, number], fill(length, 0));

export const ROOT = certificate({ subject: 0, issuer: 0, extensions: [CA] });

const vector = (lengthBytes: number, content: Bytes): Bytes => {
  const length: number[] = [];
  for (let at = lengthBytes - 1; at >= 0; at--) length.push((content.length >>> (8 * at)) & 0xff);
  return [...length, ...content];
};
const message = (type: number, content: Bytes) => [type, ...vector(3, content)];
const shows = (...list: readonly Bytes[]) =>
  message(
    11,
    vector(
      3,
      list.flatMap((each) => vector(3, each)),
    ),
  );

const HELLO = message(2, [3, 3, ...fill(32, 9), 0, 0xc0, 0x2f, 0]);
const EXCHANGE = message(12, [3, 0, 23, ...vector(1, [4, ...fill(64, 1)]), 4, 1, ...vector(2, fill(KEY_BYTES, 0))]);
const LEAF = certificate({ subject: 1, issuer: 0, extensions: [named()] });

const CERTIFICATES_MOST_BYTES = 10_240;

/** As many of these as fit beside the rest. */
function many(one: Bytes, rest: number): readonly Bytes[] {
  return new Array<Bytes>(Math.floor((CERTIFICATES_MOST_BYTES - rest) / one.length)).fill(one);
}

const ring = (extensions: readonly Bytes[]) =>
  [1, 2, 3, 4, 5, 6, 7, 8].map(() => certificate({ subject: 1, issuer: 1, extensions }));

/** By name: messages. */
export const FLIGHTS: Readonly<Record<string, readonly Bytes[]>> = {
  'eight certificates that might have signed each other': [HELLO, shows(...ring([CA]))],
  'eight certificates with as many extensions as fit': [
    HELLO,
    shows(...ring(fill(3, 0).map((_, number) => strange(number, 0)))),
  ],
  'a certificate with as many extensions as may be': [
    HELLO,
    shows(certificate({ subject: 1, issuer: 0, extensions: fill(33, 0).map((_, number) => strange(number, 200)) })),
  ],
  'a certificate of 10 KB for two thousand purposes': [
    HELLO,
    shows(
      certificate({
        subject: 1,
        issuer: 0,
        extensions: [extension([0x55, 0x1d, 0x25], der(0x30, ...many(der(0x06, [0x2a, 3]), 1800))), named()],
      }),
    ),
  ],
  'a certificate of 10 KB with two thousand names': [
    HELLO,
    shows(certificate({ subject: 1, issuer: 0, extensions: [named(...many(der(0x82, text('a.b')), 1800))] })),
  ],
  'a certificate of 10 KB with a thousand extensions': [
    HELLO,
    shows(certificate({ subject: 1, issuer: 0, extensions: many(strange(1, 0), 1800) })),
  ],
  'one name of 8 KB': [
    HELLO,
    shows(certificate({ subject: 1, issuer: 0, extensions: [named(der(0x82, fill(8000, 0x61)))] })),
  ],
  'a purpose of 8 KB': [
    HELLO,
    shows(
      certificate({
        subject: 1,
        issuer: 0,
        extensions: [extension([0x55, 0x1d, 0x25], der(0x30, der(0x06, fill(8000, 0x2a))))],
      }),
    ),
  ],
  'a request for a certificate of 10 KB, with three thousand CAs': [
    HELLO,
    shows(LEAF),
    EXCHANGE,
    message(13, [
      1,
      1,
      ...vector(2, [4, 1]),
      ...vector(
        2,
        fill(3400, 0).flatMap(() => [0, 1, 0x30]),
      ),
    ]),
    message(14, [1]),
  ],
  'a request for a certificate of 10 KB, with five thousand algorithms': [
    HELLO,
    shows(LEAF),
    EXCHANGE,
    message(13, [1, 1, ...vector(2, fill(10_200, 7)), 0, 0]),
    message(14, [1]),
  ],
};

/** The messages as records with so many bytes in each. */
export function records(messages: readonly Bytes[], pieceBytes: number): Uint8Array {
  const all = messages.flat();
  const bytes: number[] = [];
  for (let at = 0; at < all.length; at += pieceBytes) {
    bytes.push(22, 3, 3, ...vector(2, all.slice(at, at + pieceBytes)));
  }
  return new Uint8Array(bytes);
}
