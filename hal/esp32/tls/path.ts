// SPDX-License-Identifier: Apache-2.0

import { equalBytes } from '../../../src/bytes/text.ts';
import type { NetworkErrorKind } from '../../hal.ts';
import { type Certificate, KeyUsage, parseCertificate } from './certificate.ts';
import { type Effort, forbiddenName } from './constraints.ts';
import { isSameName, namesHost } from './names.ts';

/** Why a server is not believed. */
export interface Refusal {
  readonly kind: Extract<NetworkErrorKind, 'tls-untrusted' | 'tls-name' | 'tls-date'>;
  readonly detail: string;
}

/** The time, as far as it is known. */
export interface KnownTime {
  readonly ms: number;
  /** False: it is at least that late, which is all that is known. */
  readonly exact: boolean;
}

export interface PathOptions {
  /** As the server has sent them, its own first; DER. */
  readonly chain: readonly Uint8Array[];
  /** Trusted certificates that might have issued this one. */
  anchorsFor(certificate: Certificate): readonly Certificate[];
  /** Name or address that was asked for. */
  readonly host: string;
  readonly time: KnownTime;
  /** True when the key of `issuer` has signed the certificate. What it cannot check, it has not. */
  isSignedBy(certificate: Certificate, issuer: Certificate): boolean;
}

/** What a server sends at most, and what lies between it and a root at most. */
const LONGEST_CHAIN = 8;
/** Signatures that are tried for one server: a chain can be made so that there is no end of it. */
const MOST_SIGNATURES = 8;
/** Shorter ones can be broken; longer ones take a small machine minutes. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 4096;
/** Of the exponent, which decides how many multiplications a signature takes: 65,537 has three, as nearly all have. */
const MOST_EXPONENT_BYTES = 4;
/** A hundred names below a CA with fifteen constraints. Who is below a CA could make up thousands. */
const MOST_CONSTRAINT_BYTES = 32_768;

/**
 * RFC 5280 §6: is there a path from the server's certificate to one that is trusted, each signed by the next, each
 * allowed to do so, all valid now, for the host that was asked for? Where one leads nowhere, the next is tried (RFC 4158
 * §3.5.12): a CA may have been renewed with its old name and key.
 * @returns the server's certificate, or why not
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
  /** Of the first path that was found and is no good. */
  #refusal: Refusal | undefined;

  constructor(options: PathOptions, presented: readonly Certificate[]) {
    this.#options = options;
    this.#presented = presented;
  }

  refusalOf(leaf: Certificate): Refusal | undefined {
    // Its key is to check a signature, too.
    const refusal = wrongKey(leaf);
    if (refusal !== undefined) return refusal;
    if (this.#extend([leaf])) return undefined;
    return this.#refusal ?? untrusted('its certificate leads to no CA that is trusted');
  }

  /** From the leaf to one that is trusted; both are the same when a server's own certificate is trusted. */
  #extend(path: readonly Certificate[]): boolean {
    const last = path[path.length - 1] as Certificate;
    for (const anchor of this.#options.anchorsFor(last)) {
      const trusted = isRoot(anchor);
      const isLast = equalBytes(anchor.bytes, last.bytes);
      if (isLast ? trusted && this.#isGood(path) : this.#leadsTo(anchor, path, trusted)) return true;
    }
    return this.#presented.some((issuer) => this.#leadsTo(issuer, path, false));
  }

  /** Asks for the arithmetic last, and not at all of a key that is too large for it. */
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

/** Trust begins at roots: an intermediate that somebody has put among them leads to its own (as in OpenSSL). */
function isRoot(certificate: Certificate): boolean {
  return isSameName(certificate.issuer, certificate.subject);
}

/** RFC 5280 §6.1.4 (k) to (n): who has signed a certificate must have been allowed to. */
function wrongIssuer(path: readonly Certificate[]): Refusal | undefined {
  let below = 0;
  for (let at = 1; at < path.length; at++) {
    const issuer = path[at] as Certificate;
    const { pathLength, keyUsage } = issuer;
    // Of what is trusted, name and key count (RFC 5280 §6.1.1 (d)): version 1 cannot say more.
    if (!(issuer.isCa ?? at === path.length - 1)) return untrusted(`certificate ${at} of the path is no CA`);
    if (pathLength !== undefined && below > pathLength)
      return untrusted(`CA ${at} of the path allows no more below it`);
    if (keyUsage !== undefined && (keyUsage & KeyUsage.CertSign) === 0) {
      return untrusted(`the key of CA ${at} of the path must not sign certificates`);
    }
    if (!isRoot(issuer)) below += 1;
  }
  return undefined;
}

/**
 * RFC 5280 §6.1.4 (g), of each CA for all that is below it; one that is trusted will have wanted that, too (as in
 * OpenSSL). Where a CA has issued itself anew, its own name is not asked for (§6.1.3 (b)).
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

/** A key that nothing is checked with. */
export function wrongKey({ key }: Certificate): Refusal | undefined {
  if (key === undefined) return untrusted('a key of the path is of a kind that is not supported');
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

/** While nobody knows how late it is, what is not valid yet may well be. */
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
