// SPDX-License-Identifier: Apache-2.0
/** What a device sends for a certificate. */

import { readCertificates } from '../../../src/enrolment/certificates.ts';
import { type KeyPair, makeKey } from '../../../src/enrolment/key.ts';
import { softArithmetic } from '../../../src/enrolment/p256.ts';
import { certificationRequest } from '../../../src/enrolment/request.ts';
import type { Answer, Desk, SendOptions } from './desk.ts';

export const PASSWORD = 'once-and-no-more';
const enrolPath = '/.well-known/est/simpleenroll';
export const reenrolPath = '/.well-known/est/simplereenroll';
export const KEY: KeyPair = makeKey((into) => into.fill(9), softArithmetic);

export function requestFor(name: string, key = KEY): string {
  return Buffer.from(certificationRequest(name, key, softArithmetic)).toString('base64');
}

/** Asks for a first certificate, or with a `path` of its own. */
export function enrol(
  desk: Desk,
  id: string,
  { body = requestFor(id), password = PASSWORD, headers = {}, path = enrolPath, ...more }: EnrolOptions = {},
): Answer {
  const basic = `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`;
  return desk.send('POST', path, {
    as: 'none',
    ...more,
    bytes: Buffer.from(body),
    headers: {
      accept: undefined,
      'content-type': 'application/pkcs10',
      'content-transfer-encoding': 'base64',
      ...(path === enrolPath && { authorization: basic }),
      ...headers,
    },
  });
}

interface EnrolOptions extends Omit<SendOptions, 'body' | 'bytes'> {
  readonly body?: string;
  readonly password?: string;
  readonly path?: string;
}

/** The certificate in an answer, DER. */
export function certificateIn(answer: Answer): Buffer {
  return Buffer.from(readCertificates(Buffer.concat(answer.pieces))[0] ?? []);
}
