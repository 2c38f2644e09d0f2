// SPDX-License-Identifier: Apache-2.0

import { cut } from '../../src/bytes/text.ts';
import type { NetworkErrorKind } from '../hal.ts';

/** Error codes of Node, libuv and OpenSSL, by their meaning for the agent. */
const KINDS: ReadonlyMap<string, NetworkErrorKind> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['EACCES', 'unreachable'],
  ['EPERM', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ECONNABORTED', 'closed'],
  ['ENOMEM', 'no-memory'],
  ['ENOBUFS', 'no-memory'],
  ['EMFILE', 'no-memory'],
  ['ENFILE', 'no-memory'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-name'],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', 'tls-name'],
  ['HOSTNAME_MISMATCH', 'tls-name'],
  ['CERT_HAS_EXPIRED', 'tls-date'],
  ['CERT_NOT_YET_VALID', 'tls-date'],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', 'tls-date'],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'tls-date'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-untrusted'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'tls-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'tls-untrusted'],
  ['CERT_CHAIN_TOO_LONG', 'tls-untrusted'],
  ['CERT_REVOKED', 'tls-untrusted'],
  ['CERT_UNTRUSTED', 'tls-untrusted'],
  ['CERT_REJECTED', 'tls-untrusted'],
  ['INVALID_CA', 'tls-untrusted'],
  ['INVALID_PURPOSE', 'tls-untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'tls-untrusted'],
  // Node's code for each verdict on a chain without a code of its own, for example on an unknown critical extension.
  ['UNSPECIFIED', 'tls-untrusted'],
]);

/** The kind of an `error` event of a socket. */
export function networkErrorKind(error: NodeJS.ErrnoException, secure: boolean): NetworkErrorKind {
  const code = error.code ?? '';
  // getaddrinfo fails with ENOTFOUND or EAI_…; a custom resolver with ESERVFAIL and similar codes.
  if (error.syscall?.startsWith('getaddrinfo') || error.syscall?.startsWith('query')) return 'dns';
  // Node's code for a server that closes in order during the handshake; a real reset names its system call.
  if (secure && code === 'ECONNRESET' && error.syscall === undefined) return 'closed';
  return KINDS.get(code) ?? (secure ? 'tls-alert' : 'closed');
}

/** One line for a person. */
export function errorDetail(error: Error): string {
  // A host with several addresses fails with one error for each (Happy Eyeballs) and no message of its own.
  const messages =
    error instanceof AggregateError ? error.errors.map((inner: Error) => inner.message) : [error.message];
  return cut(messages.join('; ').replace(/\s+/g, ' '), 300);
}
