// SPDX-License-Identifier: Apache-2.0

import { Tag } from '../bytes/der.ts';
import { utf8 } from '../bytes/text.ts';
import { der, derBits } from './der.ts';
import { sha256 } from './hmac.ts';
import { KEY_ALGORITHM, type KeyPair, SIGNATURE_ALGORITHM, sign } from './key.ts';
import type { Arithmetic } from './p256.ts';

/** RFC 5280, appendix A.1, ub-common-name: no CA accepts more. */
export const MOST_NAME_BYTES = 64;

/** X.520 §6.2.2 */
const COMMON_NAME = /* @__PURE__ */ Uint8Array.from([0x06, 0x03, 0x55, 0x04, 0x03]);
const VERSION = /* @__PURE__ */ Uint8Array.from([0x02, 0x01, 0x00]);
const NO_ATTRIBUTES = /* @__PURE__ */ Uint8Array.from([0xa0, 0x00]);

/**
 * A request for a certificate of this name (PKCS #10, RFC 2986 §4), DER, signed by its own key.
 * @throws RangeError when the name is too long
 */
export function certificationRequest(name: string, key: KeyPair, arithmetic: Arithmetic): Uint8Array {
  const text = utf8(name);
  if (text.length > MOST_NAME_BYTES) throw new RangeError(`a certificate's name has at most ${MOST_NAME_BYTES} bytes`);
  const attribute = der(Tag.Sequence, COMMON_NAME, der(Tag.Utf8String, text));
  const subject = der(Tag.Sequence, der(Tag.Set, attribute));
  const publicKey = der(Tag.Sequence, KEY_ALGORITHM, derBits(key.point));
  const info = der(Tag.Sequence, VERSION, subject, publicKey, NO_ATTRIBUTES);
  return der(Tag.Sequence, info, SIGNATURE_ALGORITHM, derBits(sign(key, sha256(info), arithmetic)));
}
