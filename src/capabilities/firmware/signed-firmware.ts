// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import { decodeBase64Url } from '../../bytes/base64.ts';
import { NO_BYTES, utf8 } from '../../bytes/text.ts';
import type { Capability } from '../../capability.ts';
import { type FirmwareCapability, firmware } from './firmware.ts';
import type { HeadCheck } from './firmware-image.ts';

/** Begins each signature in the head of a firmware file. The text before the first one is signed. */
const SIGNATURE = 'signature ';
/** Characters of a public key that identify it. */
export const KEY_ID_CHARS = 8;
/** Most keys of a device, and most signatures of a file: they limit the cost of a hostile head. */
export const MOST_KEYS = 4;

/**
 * As `firmware`, but only for files that the owner of one of these keys has signed. The signature covers the head of
 * the file, with name, version, model, size and SHA-256 of the image: it is checked before a byte of flash is erased,
 * and the image before it may start.
 * @param keys public keys as `fractus sign` prints them, 1 to 4
 * @throws RangeError for other keys
 */
export function signedFirmware(...keys: readonly string[]): Capability {
  return firmwareSignedBy(keys, undefined);
}

/** As `signedFirmware`. @param verify replaces that of the HAL */
export function firmwareSignedBy(keys: readonly string[], verify: Hal['verify'] | undefined): FirmwareCapability {
  if (keys.length === 0 || keys.length > MOST_KEYS || !keys.every(isPublicKey)) {
    throw new RangeError(`signedFirmware: allowed are 1 to ${MOST_KEYS} public keys as "fractus sign" prints them`);
  }
  const headCheck: HeadCheck = (head, hal) => signatureFault(head, keys, verify === undefined ? hal : { verify });
  return { ...firmware, headCheck };
}

/**
 * A point of P-256 with both coordinates (SEC 1 §2.3.3) in base64url, without padding, as in RFC 8292 §3.2. The pattern
 * is not at module level, where its compiled form would lie in flash.
 */
export function isPublicKey(text: string): boolean {
  return /^B[A-P][A-Za-z0-9_-]{85}$/.test(text);
}

/** The signed part of the head of a firmware file, including its last line. */
export function signedPart(head: string): string {
  return head.slice(0, head.indexOf(`\n${SIGNATURE}`) + 1);
}

/** One line of the head. @param signature DER (RFC 3279 §2.2.3), in base64url without padding */
export function signatureLine(key: string, signature: string): string {
  return `${SIGNATURE}${key.slice(0, KEY_ID_CHARS)} ${signature}\n`;
}

/** Why this head is not trusted; undefined: one of these keys has signed it. */
export function signatureFault(head: string, keys: readonly string[], hal: Pick<Hal, 'verify'>): string | undefined {
  const signed = signedPart(head);
  const trusted = `this device needs a signature by ${keys.map((key) => key.slice(0, KEY_ID_CHARS)).join(' or ')}`;
  if (hal.verify === undefined) return `this device cannot verify signatures, and ${trusted}`;
  if (signed === '') return `the firmware is not signed; ${trusted}`;
  const signatures = head.slice(signed.length);
  // Only signatures may follow the signed part: the id of a key, and the signature.
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
    ? 'the signature is wrong: the head of the file was changed later'
    : `the firmware is signed by${others}; ${trusted}`;
}

/** Empty when the text is not base64url: no such signature is valid. */
function decoded(text: string): Uint8Array {
  const bytes = utf8(text);
  return decodeBase64Url(bytes, 0, bytes.length) ?? NO_BYTES;
}
