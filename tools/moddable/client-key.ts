// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { findResource, readManifest } from './manifest.ts';

/**
 * The key for mutual TLS that a project's manifest.json names and brings along, looked at before it is on a board.
 * @returns why the board could not use it; undefined: it can, or there is none to look at
 */
export async function clientKeyTrouble(directory: string): Promise<string | undefined> {
  const manifest = readManifest(directory);
  const name = manifest.config?.['privateKey'];
  if (typeof name !== 'string' || name === '') return undefined;
  const file = findResource(directory, name);
  return file === undefined ? undefined : keyTrouble(name, await readFile(file));
}

/** Why a board could not use this key, known as `name`; undefined: it can. */
export function keyTrouble(name: string, content: Buffer): string | undefined {
  const allowed = 'allowed on a board: an unencrypted RSA key of 2048 to 4096 bits, PKCS #8 or PKCS #1, PEM or DER';
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = parse(content);
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (asymmetricKeyType !== 'rsa') return `privateKey: ${name} is a key of kind ${asymmetricKeyType}; ${allowed}`;
    return bits < 2048 || bits > 4096 ? `privateKey: ${name} has ${bits} bits; ${allowed}` : undefined;
  } catch {
    return `privateKey: ${name} cannot be read; ${allowed}`;
  }
}

function parse(content: Buffer) {
  if (content.includes('-----BEGIN')) return createPrivateKey(content);
  try {
    return createPrivateKey({ key: content, format: 'der', type: 'pkcs8' });
  } catch {
    return createPrivateKey({ key: content, format: 'der', type: 'pkcs1' });
  }
}
