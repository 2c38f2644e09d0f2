// SPDX-License-Identifier: Apache-2.0

import Resource from 'Resource';
import { ANCHORS_FILE, anchorsNamed } from '../anchors.ts';
import { type Certificate, type PublicKey, parseCertificate } from '../certificate.ts';
import { type ClientKey, type KeyReader, RsaKey } from '../keys.ts';
import { isRefusal, type Refusal, validatePath } from '../path.ts';
import { readPem } from '../pem.ts';
import { isSignedBy } from '../signature.ts';
import { Alert, TlsFailure, type TrustOptions } from './options.ts';

const ALERTS: Readonly<Record<Refusal['kind'], number>> = {
  'tls-untrusted': Alert.UnknownCa,
  'tls-name': Alert.BadCertificate,
  'tls-date': Alert.CertificateExpired,
};

/** Characters of `; ca: `. */
const TROUBLE_AT = 6;

/** Verifies the server, and holds our own certificate and key, for one connection. */
export class Trust {
  readonly clientChain: readonly Uint8Array[];
  readonly clientKey: ClientKey | undefined;
  readonly #options: TrustOptions;

  /** @throws TlsFailure when one of our own files cannot be used */
  constructor(options: TrustOptions) {
    this.#options = options;
    const { certificate, privateKey, otherKeys } = options;
    this.clientChain = usable('certificate', certificate, (bytes) => certificates(bytes)) ?? [];
    this.clientKey = usable('privateKey', privateKey, readKey, otherKeys);
    this.#checkPair();
  }

  /**
   * Verifies the certificates of a server.
   * @returns a copy of the server's key
   * @throws TlsFailure when the server is not trusted, or our own CA file cannot be used
   */
  verify(chain: readonly Uint8Array[]): PublicKey {
    const { host, time, ca } = this.#options;
    // The CAs are not kept: the rest of the handshake needs the memory.
    const own = usable('ca', ca, readAnchors);
    const result = validatePath({
      chain,
      host,
      time,
      anchorsFor: (certificate) => own?.anchors ?? builtInAnchors(certificate),
      isSignedBy,
    });
    if (isRefusal(result)) throw new TlsFailure(result.kind, result.detail + (own?.trouble ?? ''), ALERTS[result.kind]);
    const key = result.key as PublicKey;
    if (key.kind === 'ec') return { ...key, point: key.point.slice() };
    return { ...key, modulus: key.modulus.slice(), exponent: key.exponent.slice() };
  }

  #checkPair(): void {
    const [leaf] = this.clientChain;
    const key = this.clientKey;
    if (leaf === undefined || key === undefined) return;
    if (!key.fits(parseCertificate(leaf).key)) {
      throw new TlsFailure('tls-alert', 'privateKey: it is not the key of the certificate');
    }
  }
}

/** Reads one of our files. @throws TlsFailure that names the option of a file that cannot be used */
function usable<Result>(
  option: string,
  bytes: Uint8Array | undefined,
  read: (bytes: Uint8Array, otherKeys: KeyReader | undefined) => Result,
  otherKeys?: KeyReader,
): Result | undefined {
  if (bytes === undefined) return undefined;
  try {
    return read(bytes, otherKeys);
  } catch (error) {
    throw new TlsFailure('tls-alert', `${option}: ${(error as Error).message}`);
  }
}

/**
 * Reads the CAs of a file. One that cannot be read takes no trust from the others: it is named when a server is refused.
 * @throws Error when none can be read
 */
function readAnchors(bytes: Uint8Array): { readonly anchors: readonly Certificate[]; readonly trouble: string } {
  const anchors: Certificate[] = [];
  let trouble = '';
  const blocks = certificates(bytes, true);
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i] as Uint8Array;
    try {
      anchors.push(parseCertificate(block));
    } catch (error) {
      const reason = block.length === 0 ? 'no base64, or no end' : (error as Error).message;
      if (trouble === '') trouble = `; ca: its certificate ${i + 1} cannot be read: ${reason}`;
    }
  }
  if (anchors.length === 0) throw new Error(trouble.slice(TROUBLE_AT));
  return { anchors, trouble };
}

function certificates(bytes: Uint8Array, isLenient = false): Uint8Array[] {
  const blocks = readPem(bytes, 'CERTIFICATE', isLenient).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new Error('there is no certificate');
  return blocks.map((block) => block.bytes);
}

function readKey(bytes: Uint8Array, otherKeys: KeyReader | undefined): ClientKey {
  const block = readPem(bytes, 'PRIVATE KEY').find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) throw new Error('there is no private key');
  return otherKeys?.(block.label, block.bytes) ?? new RsaKey(block.label, block.bytes);
}

/** The firmware's CAs that may have issued the certificate. Their bytes stay in flash. */
function builtInAnchors({ issuer }: Certificate): readonly Certificate[] {
  return Resource.exists(ANCHORS_FILE) ? anchorsNamed(issuer, new Uint8Array(new Resource(ANCHORS_FILE))) : [];
}
