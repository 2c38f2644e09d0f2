// SPDX-License-Identifier: Apache-2.0

import type { NetworkErrorKind } from '../../hal/hal.ts';
import { lineAt } from '../bytes/text.ts';

/** The reason why an exchange failed. */
export const Failure = {
  Dns: 1,
  Refused: 2,
  Unreachable: 3,
  /** The connection was not up in time, or TCP gave it up. */
  Timeout: 4,
  Reset: 5,
  Closed: 6,
  TlsUntrusted: 7,
  TlsName: 8,
  TlsDate: 9,
  TlsAlert: 10,
  NoMemory: 11,
  /** The answer is not HTTP; `Channel.detail` says why. */
  Malformed: 12,
  /** The request does not fit its buffer, or contains bytes that must not be sent. */
  Overflow: 13,
  /** No answer arrived in time. */
  NoAnswer: 14,
  /** The answer began and then stopped. */
  Stalled: 15,
  /** The answer kept coming but did not end in time. */
  TooLong: 16,
  /** The content is encoded; `Channel.detail` says how. The next request asks for no encoding. */
  Encoded: 17,
  /** The answer is a redirect; `Channel.detail` names its target. */
  Redirected: 18,
} as const;
export type Failure = (typeof Failure)[keyof typeof Failure];

/** One text, because a list takes thirty bytes more of flash for each. */
const TEXTS = `no failure
the host name cannot be resolved
the connection was refused
the host cannot be reached
the connection timed out
the connection was reset
the connection was closed
the server certificate is not trusted
the server certificate is for another name
the server certificate is not valid now
the TLS handshake failed
not enough memory for the connection
the answer is not HTTP
the request is too large or malformed
no answer in time
the answer stopped before its end
the answer took too long
the answer has an unsupported content coding
the answer is a redirect, which is not followed
`;

/** The text of a failure, for a person. */
export function failureText(failure: number): string {
  return failure <= Failure.Redirected ? lineAt(TEXTS, failure) : 'unknown failure';
}

export function failureOf(kind: NetworkErrorKind): Failure {
  switch (kind) {
    case 'dns':
      return Failure.Dns;
    case 'refused':
      return Failure.Refused;
    case 'unreachable':
      return Failure.Unreachable;
    case 'timeout':
      return Failure.Timeout;
    case 'reset':
      return Failure.Reset;
    case 'closed':
      return Failure.Closed;
    case 'tls-untrusted':
      return Failure.TlsUntrusted;
    case 'tls-name':
      return Failure.TlsName;
    case 'tls-date':
      return Failure.TlsDate;
    case 'tls-alert':
      return Failure.TlsAlert;
    case 'no-memory':
      return Failure.NoMemory;
  }
}
