// SPDX-License-Identifier: Apache-2.0
/** The CAs that a board trusts: certificates in PEM, reduced to the values that the firmware needs. */

import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ANCHORS_FILE, LENGTH_BYTES } from '../../hal/esp32/tls/anchors.ts';
import { type Certificate, KeyUsage, parseCertificate } from '../../hal/esp32/tls/certificate.ts';
import { isSameName } from '../../hal/esp32/tls/names.ts';
import { wrongKey } from '../../hal/esp32/tls/path.ts';
import { DerReader, Tag } from '../../src/bytes/der.ts';
import { reasonOf } from '../../src/bytes/text.ts';
import { ROOT } from './sdk.ts';

/** Our CAs, and those that a project adds. */
export const OWN_ROOTS = 'hal/esp32/trust/roots.pem';
const PROJECT_ROOTS = 'trust.pem';

/** Takes a line for a person. */
type Report = (line: string) => void;

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The files with the trust anchors of a firmware.
 * @param project may add CAs
 * @param report gets a line for each CA that has ended
 * @throws Error that names a CA that a board could not use
 */
export async function trustStore(project?: string, report: Report = console.warn): Promise<Map<string, Uint8Array>> {
  const files = [path.join(ROOT, OWN_ROOTS)];
  const own = path.resolve(project ?? ROOT, PROJECT_ROOTS);
  if (existsSync(own)) files.push(own);
  const anchors = new Map<string, Uint8Array>();
  for (const file of files) {
    const name = path.basename(file);
    for (const anchor of anchorsOf(await readFile(file, 'utf8'), name, report)) {
      anchors.set(Buffer.from(anchor).toString('hex'), anchor);
    }
  }
  return new Map([[ANCHORS_FILE, Buffer.concat([...anchors.values()])]]);
}

/**
 * Leaves out those that have ended: which of a system's many, depends on the day of the build.
 * @param file its name in errors
 * @throws Error that names a CA that a board could not use, also when all have ended
 */
export function anchorsOf(pem: string, file: string, report: Report = console.warn): Uint8Array[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) throw new Error(`${file}: it contains no certificate; allowed: PEM`);
  const ended: string[] = [];
  const anchors: Uint8Array[] = [];
  for (const [index, block] of blocks.entries()) {
    const read = readBlock(block, `${file}: certificate ${index + 1}`);
    const end = new Date(read.validTo);
    if (end.getTime() < Date.now()) ended.push(`${nameOf(read, file)} has ended on ${end.toUTCString()}`);
    else anchors.push(anchorOf(read, file));
  }
  if (anchors.length === 0) throw new Error(ended[0]);
  for (const line of ended) report(`${line}: it is left out`);
  return anchors;
}

function nameOf({ subject }: X509Certificate, file: string): string {
  return `${file}: ${subject.replaceAll('\n', ', ')}`;
}

function readBlock(pem: string, where: string): X509Certificate {
  try {
    const read = new X509Certificate(pem);
    parseCertificate(new Uint8Array(read.raw));
    return read;
  } catch (error) {
    throw new Error(`${where} cannot be read: ${reasonOf(error)}`);
  }
}

/** Encodes a trust anchor, in the form that `anchorsNamed` reads. */
function anchorOf(read: X509Certificate, file: string): Uint8Array {
  const bytes = new Uint8Array(read.raw);
  const certificate = parseCertificate(bytes);
  const trouble = troubleOf(certificate);
  if (trouble !== undefined) throw new Error(`${nameOf(read, file)} ${trouble}`);
  const content = Buffer.concat([certificate.subject, ...endAndKey(bytes), pathLengthOf(certificate)]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(content.length);
  return Buffer.concat([length, content]);
}

/** Finds problems of a CA that a board does not check for its trust anchors, or would find too late. */
function troubleOf(certificate: Certificate): string | undefined {
  const { isCa, issuer, subject, keyUsage, serverAuth, nameConstraints, unknownCritical } = certificate;
  const { notBeforeMs } = certificate;
  // A certificate of version 1 does not say whether it is a CA.
  if (isCa === false) return 'is not a CA';
  if (!isSameName(issuer, subject)) return 'is not a root: another CA has issued it; trust that CA';
  if (wrongKey(certificate) !== undefined) {
    return 'has a key that a board cannot use; allowed: RSA of 2048 to 4096 bits, P-256, P-384';
  }
  if (keyUsage !== undefined && (keyUsage & KeyUsage.CertSign) === 0) return 'must not sign certificates (key usage)';
  if (serverAuth === false) return 'is not for servers (extended key usage)';
  if (nameConstraints.length > 0) return 'has name constraints, which a firmware cannot store; allowed: in `ca`';
  if (unknownCritical !== undefined) return `has the critical extension ${unknownCritical}, which no board understands`;
  if (notBeforeMs > Date.now()) return `begins on ${new Date(notBeforeMs).toUTCString()}`;
  return undefined;
}

/** The end of validity and the SubjectPublicKeyInfo, in DER (RFC 5280 §4.1). */
function endAndKey(bytes: Uint8Array): readonly Uint8Array[] {
  const signed = new DerReader(bytes).enter(Tag.Sequence).enter(Tag.Sequence);
  signed.skip(0xa0);
  signed.take(Tag.Integer);
  signed.take(Tag.Sequence);
  signed.take(Tag.Sequence);
  const validity = signed.enter(Tag.Sequence);
  validity.takeWhole(validity.tag);
  const end = validity.takeWhole(validity.tag);
  signed.take(Tag.Sequence);
  return [end, signed.takeWhole(Tag.Sequence)];
}

function pathLengthOf({ pathLength }: Certificate): Uint8Array {
  if (pathLength === undefined) return new Uint8Array();
  // No path is longer, and larger numbers would take two bytes (X.690 §8.3).
  return Uint8Array.of(Tag.Integer, 1, Math.min(pathLength, 0x7f));
}
