import Session, { type Carrier } from 'ssl/session';
import { TlsFailure, type TrustOptions } from './options.ts';
import { RecordGuard } from './records.ts';
import type { Resumption } from './resumption.ts';

const TLS_1_2 = 0x303;
const HEADER_BYTES = 5;

/** States of the SDK's handshake in which it is our turn: ClientHello, the second flight, Finished. */
const OURS: readonly number[] = [0, 14, 20];

export interface GuardedSessionOptions {
  readonly trust: Omit<TrustOptions, 'onProof'>;
  /** undefined: the host is an address, which SNI does not know (RFC 6066 §3). */
  readonly serverName: string | undefined;
  readonly resumption: Resumption;
}

/**
 * The SDK's session, with what it does not look at: the order of what comes, and whether the server has shown that it
 * has the key of its certificate. Without the latter, anybody with a copy of the certificate could be the server: the
 * session takes an exchange of keys that is not signed at all.
 */
export class GuardedSession extends Session {
  readonly #records = new RecordGuard();
  readonly #resumption: Resumption;
  #proven = false;
  #open = false;

  constructor({ trust, serverName, resumption }: GuardedSessionOptions) {
    const onProof = () => {
      this.#proven = true;
    };
    const options = { protocolVersion: TLS_1_2, trust: { ...trust, onProof } };
    super(serverName === undefined ? options : { ...options, serverName });
    this.#resumption = resumption;
    this.cacheManager = serverName === undefined ? undefined : resumption;
    this.initiateHandshake();
  }

  /**
   * Goes on with the handshake as far as what has come allows.
   * @returns true when the connection is up
   * @throws TlsFailure, or what the SDK throws
   */
  advance(carrier: Carrier): boolean {
    while (OURS.includes(this.handshakeProcess) || carrier.readable > 0) {
      if (!this.handshake(carrier)) continue;
      if (this.alert !== undefined) throw new TlsFailure('tls-alert', `alert ${this.alert.description}`);
      if (!this.#proven && !this.#resumption.isSecret(this.masterSecret)) {
        throw new TlsFailure('tls-untrusted', 'the server has not shown that it has the key of its certificate');
      }
      this.#open = true;
      return true;
    }
    return false;
  }

  override readPacket(carrier: Carrier): ArrayBuffer | undefined {
    const record = super.readPacket(carrier);
    const { packetBuffer } = this;
    if (packetBuffer && packetBuffer.offset >= HEADER_BYTES) this.#records.checkHeader(packetBuffer);
    if (record === undefined) return undefined;
    const whole = this.#records.take(new Uint8Array(record), {
      open: this.#open,
      encrypted: this.serverCipher !== null,
      resuming: this.clientSessionID !== undefined,
    });
    return whole?.buffer as ArrayBuffer | undefined;
  }
}
