// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fromPem } from '../../../src/enrolment/certificates.ts';
import { readKey } from '../../../src/enrolment/key.ts';
import { findResource, readManifest } from '../manifest.ts';
import { chooses } from './composition.ts';

/** The capability that adds code for P-256 keys. */
const ENROLMENT = 'enrolment';

/**
 * Checks the key for mutual TLS in a project's manifest.json, before it is on a board.
 * @returns the reason why the board could not use it; undefined: it can, or there is no key to check
 */
export async function clientKeyFault(directory: string): Promise<string | undefined> {
  const manifest = readManifest(directory);
  const name = manifest.config?.['privateKey'];
  if (typeof name !== 'string' || name === '') return undefined;
  const file = findResource(directory, name);
  if (file === undefined) return undefined;
  return keyFault(name, await readFile(file), await chooses(directory, ENROLMENT));
}

/**
 * The reason why a board could not use this key, known as `name`; undefined: it can.
 * @param hasEnrolment its firmware has `enrolment()`
 */
export function keyFault(name: string, content: Buffer, hasEnrolment: boolean): string | undefined {
  const further = hasEnrolment ? ', or one of P-256, PKCS #8 or SEC 1, with its point' : '';
  const allowed = `allowed on a board: an unencrypted RSA key of 2048 to 4096 bits, PKCS #8 or PKCS #1${further}; PEM or DER`;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = parse(content);
    if (asymmetricKeyType === 'ec' && hasEnrolment) {
      checkEcKey(content);
      return undefined;
    }
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (asymmetricKeyType === 'ec')
      return `privateKey: ${name} is a key of kind ec, for which a firmware needs ${ENROLMENT}(); ${allowed}`;
    if (asymmetricKeyType !== 'rsa') return `privateKey: ${name} is a key of kind ${asymmetricKeyType}; ${allowed}`;
    return bits < 2048 || bits > 4096 ? `privateKey: ${name} has ${bits} bits; ${allowed}` : undefined;
  } catch {
    return `privateKey: ${name} cannot be read; ${allowed}`;
  }
}

/** Reads the key as the board does. Throws when the board would. */
function checkEcKey(content: Buffer): void {
  const bare = fromPem(content, 'EC PRIVATE KEY');
  readKey(bare ?? fromPem(content, 'PRIVATE KEY') ?? content, bare !== undefined);
}

function parse(content: Buffer) {
  if (content.includes('-----BEGIN')) return createPrivateKey(content);
  try {
    return createPrivateKey({ key: content, format: 'der', type: 'pkcs8' });
  } catch {
    return createPrivateKey({ key: content, format: 'der', type: 'pkcs1' });
  }
}
