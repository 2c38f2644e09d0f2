// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { errorDetail, networkErrorKind } from '../../../hal/node/errors.ts';

function systemError(code: string, syscall?: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall ?? ''} ${code}`), { code, ...(syscall !== undefined && { syscall }) });
}

/** What a test on one machine cannot bring about with real sockets. */
const KINDS = [
  ['ENETUNREACH', 'connect', false, 'unreachable'],
  ['EHOSTUNREACH', 'connect', true, 'unreachable'],
  ['ETIMEDOUT', 'connect', false, 'timeout'],
  ['ETIMEDOUT', 'read', true, 'timeout'],
  ['EMFILE', 'connect', false, 'no-memory'],
  ['ENOBUFS', 'write', false, 'no-memory'],
  ['ENOTFOUND', 'getaddrinfo', true, 'dns'],
  ['EAI_AGAIN', 'getaddrinfo', false, 'dns'],
  ['EMFILE', 'getaddrinfo', false, 'dns'],
  ['EPIPE', 'write', false, 'reset'],
  ['ECONNRESET', 'read', true, 'reset'],
  ['ECONNRESET', undefined, true, 'closed'],
  ['CERT_REVOKED', undefined, true, 'tls-untrusted'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', undefined, true, 'tls-alert'],
  ['EPROTO', 'write', true, 'tls-alert'],
  ['ESOMETHING', 'connect', false, 'closed'],
] as const;

test('errors of Node by kind', (t) => {
  for (const [code, syscall, secure, kind] of KINDS) {
    t.is(networkErrorKind(systemError(code, syscall), secure), kind, `${syscall} ${code}`);
  }
});

test('the detail is one line, also of several errors at once', (t) => {
  t.is(errorDetail(new Error('one\n  two')), 'one two');
  t.is(
    errorDetail(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')])),
    '::1 refused; 127.0.0.1 refused',
  );
  t.is(errorDetail(new Error('x'.repeat(1000))).length, 300);
});
