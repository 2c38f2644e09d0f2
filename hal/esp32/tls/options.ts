import type { NetworkErrorKind } from '../../hal.ts';
import type { KnownTime } from './path.ts';

/** What goes through the SDK's session to the certificate manager. */
export interface TrustOptions {
  readonly host: string;
  readonly time: KnownTime;
  /** PEM or DER; undefined: the CAs that came with the SDK. */
  readonly ca: Uint8Array | undefined;
  /** PEM or DER, leaf first. */
  readonly certificate: Uint8Array | undefined;
  readonly privateKey: Uint8Array | undefined;
  /** The server has shown that it has the key of the certificate. */
  onProof(): void;
}

/** What a failure is to the agent. */
export class TlsFailure extends Error {
  override name = 'TlsFailure';
  readonly kind: NetworkErrorKind;

  constructor(kind: NetworkErrorKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}
