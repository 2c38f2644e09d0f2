// SPDX-License-Identifier: Apache-2.0
/** The CAs that a board trusts: made of PEM, in the shape that the SDK's own have in a firmware. */

import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseCertificate } from '../../hal/esp32/tls/certificate.ts';
import { ROOT } from './sdk.ts';

/** Ours, and those that a project adds. */
export const OWN_ROOTS = 'hal/esp32/trust/roots.pem';
const PROJECT_ROOTS = 'trust.pem';

/** Where a certificate names its own key (RFC 5280 §4.2.1.2): the extension 2.5.29.14, with 20 bytes in it. */
const KEY_ID = Buffer.from('0603551d0e04160414', 'hex');
const KEY_ID_BYTES = 20;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * `ca<n>.der` are the CAs, and `ca.ski` is the list of the names of their keys, by which a board finds the one that has
 * issued a certificate.
 * @throws Error that names the CA that a board could not use
 */
export async function trustStore(project?: string): Promise<Map<string, Uint8Array>> {
  const files = [path.join(ROOT, OWN_ROOTS)];
  const own = path.resolve(project ?? ROOT, PROJECT_ROOTS);
  if (existsSync(own)) files.push(own);
  const authorities = new Map<string, Uint8Array>();
  for (const file of files) {
    const blocks = (await readFile(file, 'utf8')).match(BLOCK) ?? [];
    if (blocks.length === 0) throw new Error(`${path.basename(file)}: there is no certificate in it; allowed: PEM`);
    for (const pem of blocks) {
      const { raw, keyId } = readAuthority(pem, path.basename(file));
      authorities.set(keyId, raw);
    }
  }
  const store = new Map<string, Uint8Array>();
  store.set('ca.ski', Buffer.concat([...authorities.keys()].map((keyId) => Buffer.from(keyId, 'hex'))));
  for (const [index, der] of [...authorities.values()].entries()) store.set(`ca${index}.der`, der);
  return store;
}

function readAuthority(pem: string, file: string): { readonly raw: Buffer; readonly keyId: string } {
  const { raw, subject, validTo } = new X509Certificate(pem);
  const { isCa, key } = parseCertificate(new Uint8Array(raw));
  const at = raw.indexOf(KEY_ID);
  const trouble = !isCa
    ? 'is no CA'
    : key === undefined
      ? 'has a key that a board cannot use; allowed: RSA of 2048 to 4096 bits, P-256, P-384'
      : Date.parse(validTo) < Date.now()
        ? `has ended on ${validTo}`
        : at < 0
          ? 'does not name its key by 20 bytes, so that no board would find it; the key `ca` takes it'
          : undefined;
  if (trouble !== undefined) throw new Error(`${file}: ${subject.replaceAll('\n', ', ')} ${trouble}`);
  const from = at + KEY_ID.length;
  return { raw, keyId: raw.toString('hex', from, from + KEY_ID_BYTES) };
}
