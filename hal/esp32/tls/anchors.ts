// SPDX-License-Identifier: Apache-2.0

import { DerReader, Tag } from '../../../src/bytes/der.ts';
import { NO_BYTES } from '../../../src/bytes/text.ts';
import { type Certificate, readKey, takeTime } from './certificate.ts';
import { isNameAt } from './names.ts';

/** The file of the trust anchors. */
export const ANCHORS_FILE = 'ca.anchors';
/** Bytes of the length before each anchor. */
export const LENGTH_BYTES = 2;

/**
 * Finds trust anchors by name. A board stores of each CA only the values that validation uses of a trust anchor (RFC
 * 5914 §2, RFC 5280 §6.1.1 (d)): name, end of validity, key and optional path length, one after the other as in the
 * certificate. The build (tools/moddable/trust.ts) has checked everything else.
 * @returns the anchors with that name; their bytes are parts of `anchors`
 */
export function anchorsNamed(name: Uint8Array, anchors: Uint8Array): Certificate[] {
  const found: Certificate[] = [];
  let from = 0;
  for (let to = 0; from < anchors.length; from = to) {
    const at = from + LENGTH_BYTES;
    to = at + (anchors[from] as number) * 256 + (anchors[from + 1] as number);
    if (isNameAt(anchors, at, name)) found.push(readAnchor(new DerReader(anchors, at, to)));
  }
  return found;
}

function readAnchor(anchor: DerReader): Certificate {
  const subject = anchor.takeWhole(Tag.Sequence);
  return {
    ...{ bytes: NO_BYTES, algorithm: undefined, issuer: subject, subject },
    ...{ notBeforeMs: 0, notAfterMs: takeTime(anchor), key: readKey(anchor.enter(Tag.Sequence)), isCa: true },
    pathLength: anchor.more ? anchor.takeSmall() : undefined,
    ...{ keyUsage: undefined, serverAuth: undefined, unknownCritical: undefined },
    ...{ alternativeNames: NO_BYTES, nameConstraints: NO_BYTES },
  };
}
