// SPDX-License-Identifier: Apache-2.0

import { equalBytes } from '../../../src/bytes/text.ts';
import type { NetworkErrorKind } from '../../hal.ts';
import { type Certificate, KeyUsage, parseCertificate } from './certificate.ts';
import { type Effort, forbiddenName } from './constraints.ts';
import { isSameName, namesHost } from './names.ts';

/** The reason why a server is not trusted. */
export interface Refusal {
  readonly kind: Extract<NetworkErrorKind, 'tls-untrusted' | 'tls-name' | 'tls-date'>;
  readonly detail: string;
}

/** The time, as far as it is known. */
export interface KnownTime {
  readonly ms: number;
  /** False: it is this late or later. */
  readonly exact: boolean;
}

export interface PathOptions {
  /** The certificates that the server has sent, its own first; DER. */
  readonly chain: readonly Uint8Array[];
  /** The trusted certificates that may have issued this one. */
  anchorsFor(certificate: Certificate): readonly Certificate[];
  /** Name or address of the requested server. */
  readonly host: string;
  readonly time: KnownTime;
  /** True when the key of `issuer` has signed the certificate; false also when that cannot be checked. */
  isSignedBy(certificate: Certificate, issuer: Certificate): boolean;
}

/** Most certificates that a server may send, and most in a path below a root. */
const LONGEST_CHAIN = 8;
/** Most signatures that are verified for one server: a chain can be made to cause endless checks. */
const MOST_SIGNATURES = 8;
/** Shorter keys can be broken; longer ones take minutes on a small machine. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 4096;
/**
 * Most bytes of the exponent, which sets the number of multiplications per signature. Nearly all keys use 65,537: three
 * bytes.
 */
const MOST_EXPONENT_BYTES = 4;
/** Enough for a hundred names below a CA with fifteen constraints. A certificate could hold thousands of names. */
const MOST_CONSTRAINT_BYTES = 32_768;

/**
 * Searches a path from the server's certificate to a trusted one (RFC 5280 §6): each signed by the next, which is
 * allowed to sign, all valid now, and for the requested host. When a path fails, the next one is tried (RFC 4158
 * §3.5.12): a CA may have been renewed with its old name and key.
 * @returns the server's certificate, or the reason for the refusal
 */
export function validatePath(options: PathOptions): Certificate | Refusal {
  try {
    if (options.chain.length > LONGEST_CHAIN) return untrusted(`a chain of ${options.chain.length}`);
    const presented = options.chain.map(parseCertificate);
    const [leaf] = presented;
    if (leaf === undefined) return untrusted('the server shows no certificate');
    return new PathFinder(options, presented).refusalOf(leaf) ?? wrongName(leaf, options) ?? leaf;
  } catch (error) {
    return untrusted(`a certificate cannot be read: ${(error as Error).message}`);
  }
}

export function isRefusal(result: Certificate | Refusal): result is Refusal {
  return 'kind' in result;
}

class PathFinder {
  readonly #options: PathOptions;
  readonly #presented: readonly Certificate[];
  #signatures = 0;
  readonly #effort: Effort = { bytes: MOST_CONSTRAINT_BYTES };
  /** The refusal of the first path that was found and is not valid. */
  #refusal: Refusal | undefined;

  constructor(options: PathOptions, presented: readonly Certificate[]) {
    this.#options = options;
    this.#presented = presented;
  }

  refusalOf(leaf: Certificate): Refusal | undefined {
    // The leaf's key also verifies a signature, in the handshake.
    const refusal = wrongKey(leaf);
    if (refusal !== undefined) return refusal;
    if (this.#extend([leaf])) return undefined;
    return this.#refusal ?? untrusted('its certificate leads to no trusted CA');
  }

  /**
   * Extends the path to a trusted certificate. The leaf alone is a path when the server's own certificate is trusted.
   */
  #extend(path: readonly Certificate[]): boolean {
    const last = path[path.length - 1] as Certificate;
    for (const anchor of this.#options.anchorsFor(last)) {
      const trusted = isRoot(anchor);
      const isLast = equalBytes(anchor.bytes, last.bytes);
      if (isLast ? trusted && this.#isGood(path) : this.#leadsTo(anchor, path, trusted)) return true;
    }
    return this.#presented.some((issuer) => this.#leadsTo(issuer, path, false));
  }

  /** Whether the path is valid through `issuer`. Verifies the signature last, and never with a key of unusual size. */
  #leadsTo(issuer: Certificate, path: readonly Certificate[], trusted: boolean): boolean {
    const certificate = path[path.length - 1] as Certificate;
    if (!trusted && (path.length >= LONGEST_CHAIN || path.includes(issuer))) return false;
    if (!isSameName(issuer.subject, certificate.issuer)) return false;
    const refusal = wrongKey(issuer);
    this.#refusal ??= refusal;
    if (refusal !== undefined || this.#signatures >= MOST_SIGNATURES) return false;
    this.#signatures += 1;
    if (!this.#options.isSignedBy(certificate, issuer)) return false;
    const longer = [...path, issuer];
    return trusted ? this.#isGood(longer) : this.#extend(longer);
  }

  #isGood(path: readonly Certificate[]): boolean {
    const { time } = this.#options;
    const refusal = wrongIssuer(path) ?? wrongPurpose(path) ?? wrongDate(path, time) ?? forbidden(path, this.#effort);
    this.#refusal ??= refusal;
    return refusal === undefined;
  }
}

/**
 * Only roots are trust anchors: an intermediate among the trusted certificates still needs its own root (as in
 * OpenSSL).
 */
function isRoot(certificate: Certificate): boolean {
  return isSameName(certificate.issuer, certificate.subject);
}

/** Checks that each issuer was allowed to sign certificates (RFC 5280 §6.1.4 (k) to (n)). */
function wrongIssuer(path: readonly Certificate[]): Refusal | undefined {
  let below = 0;
  for (let at = 1; at < path.length; at++) {
    const issuer = path[at] as Certificate;
    const { pathLength, keyUsage } = issuer;
    // Of a trust anchor, only name and key count (RFC 5280 §6.1.1 (d)): one of version 1 does not say that it is a CA.
    if (!(issuer.isCa ?? at === path.length - 1)) return untrusted(`certificate ${at} of the path is not a CA`);
    if (pathLength !== undefined && below > pathLength) return untrusted(`CA ${at} of the path allows no more CAs`);
    if (keyUsage !== undefined && (keyUsage & KeyUsage.CertSign) === 0) {
      return untrusted(`the key of CA ${at} of the path must not sign certificates`);
    }
    if (!isRoot(issuer)) below += 1;
  }
  return undefined;
}

/**
 * Checks the name constraints of each CA against all certificates below it (RFC 5280 §6.1.4 (g)), including those of
 * trust anchors (as in OpenSSL). The name of a self-issued CA is not checked (§6.1.3 (b)).
 */
function forbidden(path: readonly Certificate[], effort: Effort): Refusal | undefined {
  for (let at = 1; at < path.length; at++) {
    const { nameConstraints } = path[at] as Certificate;
    for (let below = 0; below < at && nameConstraints.length > 0; below++) {
      const certificate = path[below] as Certificate;
      if (below > 0 && isRoot(certificate)) continue;
      const name = forbiddenName(certificate, nameConstraints, effort);
      if (name !== undefined) return untrusted(`CA ${at} of the path does not allow ${name} of certificate ${below}`);
    }
  }
  return undefined;
}

/** Refuses unsupported keys, and RSA keys of unusual size or exponent. */
export function wrongKey({ key }: Certificate): Refusal | undefined {
  if (key === undefined) return untrusted('a key of the path has an unsupported kind');
  if (key.kind !== 'rsa') return undefined;
  const bits = bitLength(key.modulus);
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) return untrusted(`a key of ${bits} bits`);
  const { exponent } = key;
  const isOdd = ((exponent[exponent.length - 1] as number) & (key.modulus[key.modulus.length - 1] as number) & 1) === 1;
  if (isOdd && exponent.length <= MOST_EXPONENT_BYTES && (exponent.length > 1 || (exponent[0] as number) > 1)) {
    return undefined;
  }
  return untrusted('an RSA key with an unusual exponent');
}

const SERVER_USAGE = KeyUsage.DigitalSignature | KeyUsage.KeyEncipherment | KeyUsage.KeyAgreement;

function wrongPurpose(path: readonly Certificate[]): Refusal | undefined {
  for (const certificate of path) {
    const { unknownCritical, serverAuth } = certificate;
    if (unknownCritical !== undefined) return untrusted(`it has the critical extension ${unknownCritical}`);
    if (serverAuth === false) return untrusted('a certificate of the path is not for servers');
  }
  const [leaf] = path;
  const usage = leaf?.keyUsage;
  if (usage !== undefined && (usage & SERVER_USAGE) === 0) return untrusted('the key of the server is not for TLS');
  return undefined;
}

/** Checks the dates. While the time is not exact, a certificate that is not valid yet is accepted. */
function wrongDate(path: readonly Certificate[], { ms, exact }: KnownTime): Refusal | undefined {
  for (let at = 0; at < path.length; at++) {
    const { notBeforeMs, notAfterMs } = path[at] as Certificate;
    const isOver = ms > notAfterMs;
    if (isOver || (exact && ms < notBeforeMs)) {
      const how = isOver ? `has ended on ${day(notAfterMs)}` : `begins on ${day(notBeforeMs)}`;
      return { kind: 'tls-date', detail: `certificate ${at} of the path ${how}, it is ${day(ms)}` };
    }
  }
  return undefined;
}

function wrongName({ alternativeNames }: Certificate, { host }: PathOptions): Refusal | undefined {
  return namesHost(alternativeNames, host)
    ? undefined
    : { kind: 'tls-name', detail: `the certificate is not for ${host}` };
}

function untrusted(detail: string): Refusal {
  return { kind: 'tls-untrusted', detail };
}

function bitLength(magnitude: Uint8Array): number {
  return magnitude.length * 8 - (Math.clz32(magnitude[0] ?? 0) - 24);
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
