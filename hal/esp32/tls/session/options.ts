// SPDX-License-Identifier: Apache-2.0

import type { NetworkErrorKind } from '../../../hal.ts';
import type { KeyReader } from '../keys.ts';
import type { KnownTime } from '../path.ts';

/** The trusted CAs, and our own certificate and key. */
export interface TrustOptions {
  readonly host: string;
  readonly time: KnownTime;
  /** PEM or DER; undefined: the firmware's CAs. */
  readonly ca: Uint8Array | undefined;
  /** PEM or DER, leaf first. */
  readonly certificate: Uint8Array | undefined;
  readonly privateKey: Uint8Array | undefined;
  /** Reads keys that are not RSA. */
  readonly otherKeys?: KeyReader | undefined;
}

/** Alert descriptions (RFC 5246 §7.2). */
export const Alert = {
  CloseNotify: 0,
  UnexpectedMessage: 10,
  BadRecordMac: 20,
  RecordOverflow: 22,
  BadCertificate: 42,
  CertificateExpired: 45,
  IllegalParameter: 47,
  UnknownCa: 48,
  DecodeError: 50,
  DecryptError: 51,
  ProtocolVersion: 70,
  InternalError: 80,
  UnsupportedExtension: 110,
} as const;

/** A failure of TLS, with the error kind for the agent. */
export class TlsFailure extends Error {
  readonly kind: NetworkErrorKind;
  /** The alert for the server; undefined: none is sent. */
  readonly alert: number | undefined;

  constructor(kind: NetworkErrorKind, detail: string, alert?: number) {
    super(detail);
    this.kind = kind;
    this.alert = alert;
  }
}
