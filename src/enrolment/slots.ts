// SPDX-License-Identifier: Apache-2.0

import type { Store } from '../../hal/hal.ts';
import { equalBytes, utf8 } from '../bytes/text.ts';
import { type CertificateFacts, fromPem, pem, readFacts } from './certificates.ts';
import { encodeKey, type KeyPair, readKey } from './key.ts';

/**
 * Names of values in the store, and of the resources that TLS reads (`Hal.resource`): the certificate in use, and one
 * that is not proven yet.
 */
export const CURRENT = 'enrolled';
export const CANDIDATE = 'enrolled-new';

/** Largest value of the store. */
const MOST_BYTES = 4000;

/**
 * Tries with a flash that reports success and writes nothing: without the key, the one-time password would be wasted.
 */
const MOST_TRIES = 3;

/**
 * Keeps key and certificates in one value, so that a power cut leaves both or neither. False: the flash refuses, or has
 * no room.
 */
export function keepSlot(store: Store, name: string, key: KeyPair, certificates: readonly Uint8Array[]): boolean {
  let text = pem('PRIVATE KEY', encodeKey(key));
  for (let i = 0; i < certificates.length; i++) {
    const more = pem('CERTIFICATE', certificates[i] as Uint8Array);
    // The leaf alone is enough where its issuer is trusted.
    if (i === 0 || text.length + more.length <= MOST_BYTES) text += more;
  }
  return text.length <= MOST_BYTES && isKept(store, name, utf8(text));
}

function isKept(store: Store, name: string, value: Uint8Array): boolean {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (!store.set(name, value)) return false;
    const kept = store.get(name);
    if (kept !== undefined && equalBytes(kept, value)) return true;
  }
  return false;
}

/** The facts of the certificate in a slot; undefined: there is no certificate, or no key that matches it. */
export function readSlot(store: Store, name: string): CertificateFacts | undefined {
  const text = store.get(name);
  if (text === undefined) return undefined;
  const key = fromPem(text, 'PRIVATE KEY');
  const certificate = fromPem(text, 'CERTIFICATE');
  if (key === undefined || certificate === undefined) return undefined;
  try {
    const facts = readFacts(certificate);
    return equalBytes(facts.key, readKey(key).point) ? facts : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts the candidate in the place of the certificate in use. After a power cut it is still the candidate, and is proven
 * again at the next start. False: the flash refuses.
 */
export function promote(store: Store): boolean {
  const value = store.get(CANDIDATE);
  return value !== undefined && isKept(store, CURRENT, value) && store.delete(CANDIDATE);
}
