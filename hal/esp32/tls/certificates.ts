import Resource from 'Resource';
import { type Certificate, parseCertificate } from './certificate.ts';
import { equalBytes } from './der.ts';
import { ClientKey, ServerKey } from './keys.ts';
import { TlsFailure, type TrustOptions } from './options.ts';
import { isRefusal, validatePath } from './path.ts';
import { readPem } from './pem.ts';
import { isSignedBy } from './signature.ts';

/**
 * The module `ssl/cert`, in place of the SDK's own: path validation by RFC 5280 §6, strict. One for each session; the
 * SDK's handshake calls it.
 */
export default class CertificateManager {
  readonly #trust: TrustOptions;
  readonly #anchors: readonly Certificate[] | undefined;
  readonly #clientChain: readonly Uint8Array[];
  readonly #clientKey: ClientKey | undefined;
  #server: ServerKey | undefined;

  constructor({ trust }: { readonly trust: TrustOptions }) {
    this.#trust = trust;
    const { ca, certificate, privateKey } = trust;
    this.#anchors = usable('ca', ca, (bytes) => certificates(bytes).map(parseCertificate));
    this.#clientChain = usable('certificate', certificate, certificates) ?? [];
    this.#clientKey = usable('privateKey', privateKey, readKey);
    this.#checkPair();
  }

  /** The handshake has the server's certificates. */
  verify(chain: readonly Uint8Array[]): boolean {
    const { host, time, onProof } = this.#trust;
    const result = validatePath({
      chain,
      host,
      time,
      anchorsFor: (certificate) => this.#anchors ?? sdkAnchors(certificate),
      isSignedBy,
    });
    if (isRefusal(result)) throw new TlsFailure(result.kind, result.detail);
    if (result.key !== undefined) this.#server = new ServerKey(result.key, onProof);
    return true;
  }

  /** Nothing to keep: `verify` has done so. */
  register(): void {}

  /** That of the server, or our own for our own certificate. */
  getKey(certificate: ArrayBuffer | Uint8Array | undefined): ServerKey | ClientKey {
    const [own] = this.#clientChain;
    if (certificate === own && own !== undefined && this.#clientKey !== undefined) return this.#clientKey;
    if (this.#server === undefined) throw new TlsFailure('tls-alert', 'the server has not shown a certificate');
    return this.#server;
  }

  /** The server asks who we are. */
  findPreferredCert(): readonly Uint8Array[] {
    return this.#clientKey === undefined ? [] : this.#clientChain;
  }

  #checkPair(): void {
    const [leaf] = this.#clientChain;
    const key = this.#clientKey;
    if (leaf === undefined || key === undefined) return;
    const { key: publicKey } = parseCertificate(leaf);
    if (publicKey?.kind !== 'rsa') throw new TlsFailure('tls-alert', 'certificate: a board can show RSA ones only');
    if (BigInt.fromArrayBuffer(publicKey.modulus.slice().buffer) !== key.modulus) {
      throw new TlsFailure('tls-alert', 'privateKey: it is not the key of the certificate');
    }
  }
}

/** Reads one of the files; what cannot be used is a failure that names it. */
function usable<Result>(
  option: string,
  bytes: Uint8Array | undefined,
  read: (bytes: Uint8Array) => Result,
): Result | undefined {
  if (bytes === undefined) return undefined;
  try {
    return read(bytes);
  } catch (error) {
    throw new TlsFailure('tls-alert', `${option}: ${(error as Error).message}`);
  }
}

function certificates(bytes: Uint8Array): Uint8Array[] {
  const blocks = readPem(bytes, 'CERTIFICATE').filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new Error('there is no certificate');
  return blocks.map((block) => block.bytes);
}

function readKey(bytes: Uint8Array): ClientKey {
  const block = readPem(bytes, 'PRIVATE KEY').find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) throw new Error('there is no private key');
  return new ClientKey(block.label, block.bytes);
}

/** The names of keys in the SDK's list of CAs are SHA-1 values. */
const KEY_ID_BYTES = 20;

/** The SDK's CA that the certificate names as its issuer by key: `ca.ski` lists the keys, `ca<n>.der` are the CAs. */
function sdkAnchors({ authorityKeyId }: Certificate): readonly Certificate[] {
  if (authorityKeyId?.length !== KEY_ID_BYTES || !Resource.exists('ca.ski')) return [];
  const list = new Resource('ca.ski');
  for (let at = 0; at + KEY_ID_BYTES <= list.byteLength; at += KEY_ID_BYTES) {
    if (!equalBytes(new Uint8Array(list.slice(at, at + KEY_ID_BYTES)), authorityKeyId)) continue;
    const name = `ca${at / KEY_ID_BYTES}.der`;
    if (!Resource.exists(name)) return [];
    const resource = new Resource(name);
    return [parseCertificate(new Uint8Array(resource.slice(0, resource.byteLength)))];
  }
  return [];
}
