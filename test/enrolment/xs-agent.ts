// SPDX-License-Identifier: Apache-2.0

import type { XsListener } from '../../hal/xs/host.ts';
import { Op } from '../../hal/xs/protocol.ts';
import { readCertificates } from '../../src/enrolment/certificates.ts';
import { sha256 } from '../../src/enrolment/hmac.ts';
import { makeKey, sign } from '../../src/enrolment/key.ts';
import { softArithmetic } from '../../src/enrolment/p256.ts';
import { certificationRequest } from '../../src/enrolment/request.ts';

/** Certificates in PKCS #7, in base64. */
declare const ANSWER: string;

const ANSWER_BYTES = Uint8Array.from(ANSWER, (character) => character.charCodeAt(0));
const SEED = new Uint8Array(40).fill(0x5a);
const MESSAGE = Uint8Array.from([1, 2, 3]);

/** What each of its timers does. */
export const ACTS: readonly [name: string, act: () => Uint8Array][] = [
  ['make a key', () => key().point],
  ['sign', () => sign({ scalar: 7n }, sha256(MESSAGE), softArithmetic)],
  ['make a key and a request', () => certificationRequest('esp32-a0b1c2d3e4f5', key(), softArithmetic)],
  ['read an answer', () => readCertificates(ANSWER_BYTES)[0] ?? MESSAGE],
];

function key() {
  return makeKey((into) => into.set(SEED), softArithmetic);
}

export function main(): void {
  const listener: XsListener = {
    event(_op, id) {
      let text = '';
      for (const byte of ACTS[id]?.[1]() ?? []) text += byte.toString(16).padStart(2, '0');
      xsHost.send(Op.Log, 0, 0, 0, text);
    },
  };
  xsHost.listen(listener);
  for (let id = 0; id < ACTS.length; id++) xsHost.send(Op.TimerStart, id, 0, 0);
}
