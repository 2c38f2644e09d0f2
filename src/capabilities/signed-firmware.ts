// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import { decodeBase64Url } from '../bytes/base64.ts';
import { NO_BYTES, utf8 } from '../bytes/text.ts';
import type { Capability } from './capability.ts';
import { type FirmwareCapability, firmware } from './firmware.ts';
import type { HeadCheck } from './firmware-image.ts';

/** Begins each signature in the head of a firmware file. Signed is what stands before the first of them. */
const SIGNATURE = 'signature ';
/** So much of a public key names it. */
export const KEY_ID_CHARS = 8;
/** Keys of one device, and signatures of one file: what a hostile head may cost. */
export const MOST_KEYS = 4;

/**
 * As `firmware`, and takes only what the owner of one of these keys has signed. The signature is one over the head of the
 * file, which holds name, version, model, size and SHA-256 of the image: it is checked before a byte of flash is erased, and
 * the image before it may start.
 * @param keys public keys as `fractus sign` prints them, 1 to 4
 * @throws RangeError for other keys
 */
export function signedFirmware(...keys: readonly string[]): Capability {
  return firmwareSignedBy(keys, undefined);
}

/** The same. @param verify in place of the HAL's */
export function firmwareSignedBy(keys: readonly string[], verify: Hal['verify'] | undefined): FirmwareCapability {
  if (keys.length === 0 || keys.length > MOST_KEYS || !keys.every(isPublicKey)) {
    throw new RangeError(`signedFirmware: allowed are 1 to ${MOST_KEYS} public keys as "fractus sign" prints them`);
  }
  const headCheck: HeadCheck = (head, hal) => signatureTrouble(head, keys, verify === undefined ? hal : { verify });
  return { ...firmware, headCheck };
}

/**
 * A point of P-256 with both coordinates (SEC 1 §2.3.3) in base64url, without padding; as RFC 8292 §3.2 writes such a key. Patterns are
 * here where they are used: at module level they lie in flash as what they are compiled to.
 */
export function isPublicKey(text: string): boolean {
  return /^B[A-P][A-Za-z0-9_-]{85}$/.test(text);
}

/** What is signed of the head of a firmware file, its last line included. */
export function signedPart(head: string): string {
  return head.slice(0, head.indexOf(`\n${SIGNATURE}`) + 1);
}

/** One line of the head. @param signature DER (RFC 3279 §2.2.3), in base64url without padding */
export function signatureLine(key: string, signature: string): string {
  return `${SIGNATURE}${key.slice(0, KEY_ID_CHARS)} ${signature}\n`;
}

/** Why this head is not to be believed; undefined: one of these keys has signed it. */
export function signatureTrouble(head: string, keys: readonly string[], hal: Pick<Hal, 'verify'>): string | undefined {
  const signed = signedPart(head);
  const trusted = `this device takes what ${keys.map((key) => key.slice(0, KEY_ID_CHARS)).join(' or ')} has signed`;
  if (hal.verify === undefined) return `this device cannot tell signatures, and ${trusted}`;
  if (signed === '') return `the firmware is not signed; ${trusted}`;
  const signatures = head.slice(signed.length);
  // All that may follow behind what is signed: who has signed it, and the signature.
  if (!/^(?:signature [\w-]{8} [\w-]*\n){1,4}$/.test(signatures))
    return `the signatures are damaged, or more than ${MOST_KEYS}`;
  const message = utf8(signed);
  const lines = signatures.split('\n');
  let others = '';
  let isWrong = false;
  for (let i = 0; i < lines.length - 1; i++) {
    const [, id = '', text = ''] = (lines[i] as string).split(' ');
    const key = keys.find((each) => each.startsWith(id));
    if (key === undefined) others += ` ${id}`;
    else if (hal.verify(message, decoded(text), decoded(key))) return undefined;
    else isWrong = true;
  }
  return isWrong
    ? 'the signature is wrong: the head of the file is not as it was signed'
    : `the firmware is signed by${others}; ${trusted}`;
}

/** Empty when it is not base64url: no signature is. */
function decoded(text: string): Uint8Array {
  const bytes = utf8(text);
  return decodeBase64Url(bytes, 0, bytes.length) ?? NO_BYTES;
}
