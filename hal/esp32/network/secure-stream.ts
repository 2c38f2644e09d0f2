// SPDX-License-Identifier: Apache-2.0

import platform from 'fractus/platform';
import { parseAddress } from '../../../src/bytes/address.ts';
import { checkRange } from '../../common/checks.ts';
import type { StreamHandler, Target, Timer, TlsOptions } from '../../hal.ts';
import type { KeyReader } from '../tls/keys.ts';
import { relativeName } from '../tls/names.ts';
import type { KnownTime } from '../tls/path.ts';
import { SocketCarrier } from '../tls/session/carrier.ts';
import { Alert, TlsFailure } from '../tls/session/options.ts';
import type { Resumption } from '../tls/session/resumption.ts';
import { TlsSession } from '../tls/session/session.ts';
import { Esp32Stream, type StreamOwner } from './stream.ts';

/** The services of the network that a secure stream uses. */
export interface SecureStreamOwner extends StreamOwner {
  /** The time by which certificates are judged. */
  readonly time: KnownTime;
  /** Certificates that were judged by `time` are valid, or were refused because of their dates. */
  datesJudged(time: KnownTime, isGood: boolean): void;
  resource(name: string): Uint8Array | undefined;
  /** Reads keys that are not RSA; undefined when the firmware has no such code. */
  readonly otherKeys: KeyReader | undefined;
  resumptionOf(target: Target): Resumption;
  /** Gives the turn for a handshake to the next stream. */
  handshakeOver(stream: SecureStream): void;
}

/** From the name lookup to the end of the handshake; RSA takes seconds on a chip. */
const HANDSHAKE_MS = 45_000;
/** Bytes of a record in addition to its content: header, explicit nonce and tag of AES-GCM (RFC 5288 §3). */
const RECORD_BYTES = 5 + 8 + 16;
/** Most content of a sent record: each record is copied several times. */
const LONGEST_RECORD_BYTES = 2048;
/** Less room is not worth a record. */
const LEAST_ROOM_BYTES = 256;

/** A connection over TLS 1.2: a session between the socket and the reader. */
export class SecureStream extends Esp32Stream {
  readonly #owner: SecureStreamOwner;
  readonly #tls: TlsOptions;
  readonly #deadline: Timer;
  readonly #resumption: Resumption;
  #carrier: SocketCarrier | undefined;
  /** The time by which certificates are judged. */
  #time: KnownTime = { ms: 0, exact: false };
  #session: TlsSession | undefined;
  #started = false;
  #up = false;
  #writable = 0;
  /** A call of `#receive` is scheduled. */
  #pending = false;

  constructor(owner: SecureStreamOwner, target: Target, handler: StreamHandler) {
    super(owner, target, handler);
    this.#owner = owner;
    this.#tls = target.tls ?? {};
    this.#resumption = owner.resumptionOf(target);
    this.#deadline = owner.createTimer(() => this.fail('timeout', `TLS is not up after ${HANDSHAKE_MS / 1000} s`));
  }

  /** Connects, when the stream gets the turn for a handshake; further calls do nothing. */
  openOnce(): void {
    if (this.#started) return;
    this.#started = true;
    this.#deadline.start(HANDSHAKE_MS);
    this.open();
  }

  protected override get directBytes(): number {
    return 0;
  }

  protected override takeDirect(): void {}

  /** Schedules the bytes that wait in the socket, in an event of its own. */
  protected override drained(): void {
    if (this.#pending || !this.live || (this.#carrier?.readable ?? 0) === 0) return;
    this.#pending = true;
    this.#owner.soon(() => {
      this.#pending = false;
      if (this.live) this.#receive();
    });
  }

  override write(bytes: Uint8Array, from: number, to: number): number {
    checkRange(bytes, from, to);
    const count = Math.min(this.#writable, to - from);
    if (this.#session === undefined || this.#carrier === undefined || count === 0) return 0;
    this.#writable -= count;
    try {
      this.#session.write(bytes.subarray(from, from + count));
    } catch {
      return this.#broken();
    }
    return this.#flush(this.#carrier) ? count : 0;
  }

  override close(): void {
    if (this.#up && this.live) this.#say(Alert.CloseNotify);
    super.close();
  }

  protected override socketWritable(count: number): void {
    if (this.#session === undefined) this.#begin();
    if (!this.live || this.#carrier === undefined) return;
    this.#carrier.room = count;
    this.#receive();
    this.#announceRoom();
  }

  protected override socketReadable(count: number): void {
    if (this.#carrier === undefined) return;
    this.#carrier.readable = count;
    this.#receive();
  }

  protected override socketLost(): void {
    const when = this.#up ? 'without notice' : 'in the handshake';
    this.fail('closed', `the server closed ${when}`);
  }

  protected override released(): void {
    this.#deadline.stop();
    this.#session = undefined;
    this.#carrier = undefined;
    this.#owner.handshakeOver(this);
  }

  /** Creates the TLS session, once TCP is up. */
  #begin(): void {
    const { host } = this.target;
    if (this.socket === undefined) return;
    this.#time = this.#owner.time;
    const carrier = new SocketCarrier(this.socket, this.#owner.views);
    try {
      this.#session = new TlsSession(carrier, {
        serverName: parseAddress(host) === undefined ? relativeName(host) : undefined,
        resumption: this.#resumption,
        trust: {
          host,
          time: this.#time,
          ca: this.#read(this.#tls.ca),
          certificate: this.#read(this.#tls.certificate),
          privateKey: this.#read(this.#tls.privateKey),
          otherKeys: this.#owner.otherKeys,
        },
        random: (byteLength) => {
          const bytes = new ArrayBuffer(byteLength);
          platform.fillRandom(bytes);
          return new Uint8Array(bytes);
        },
      });
      this.#carrier = carrier;
    } catch (error) {
      this.#failed(error);
    }
  }

  #read(name: string | undefined): Uint8Array | undefined {
    if (name === undefined) return undefined;
    const bytes = this.#owner.resource(name);
    if (bytes === undefined) throw new TlsFailure('tls-alert', `there is no ${name} among the resources`);
    return bytes;
  }

  #receive(): void {
    const session = this.#session;
    const carrier = this.#carrier;
    if (session === undefined || carrier === undefined) return;
    if (!this.#up) {
      try {
        this.#up = session.advance();
      } catch (error) {
        this.#failed(error);
        return;
      }
      // Sends a whole flight at once: a server that refuses its beginning hangs up before it has seen the rest.
      this.#flush(carrier);
      if (!this.#up) return;
      this.#deadline.stop();
      if (session.judged) this.#owner.datesJudged(this.#time, true);
      this.#owner.handshakeOver(this);
      this.opened();
      if (this.live) this.#announceRoom();
    }
    this.#flush(carrier);
    if (this.live) this.#decrypt(session);
  }

  #flush(carrier: SocketCarrier): boolean {
    try {
      carrier.flush();
      return true;
    } catch {
      this.#broken();
      return false;
    }
  }

  /** Stops writing, and reports the lost connection in an event of its own. */
  #broken(): 0 {
    this.#writable = 0;
    this.lostSoon();
    return 0;
  }

  #decrypt(session: TlsSession): void {
    const before = this.heldBytes;
    let data: Uint8Array | undefined | null;
    let failure: unknown;
    try {
      while (this.mayHold) {
        data = session.read();
        if (data === undefined || data === null) break;
        if (data.length > 0) this.hold(data);
      }
    } catch (error) {
      failure = error ?? new Error();
    }
    if (this.heldBytes > before) this.announceReadable();
    if (!this.live) return;
    if (failure !== undefined) {
      this.#failed(failure);
    } else if (data === null) {
      this.#say(Alert.CloseNotify);
      this.ended();
    }
  }

  #announceRoom(): void {
    const room = this.#carrier?.freeBytes ?? 0;
    if (!this.#up || this.#writable > 0 || room < LEAST_ROOM_BYTES) return;
    this.#writable = Math.min(room - RECORD_BYTES, LONGEST_RECORD_BYTES);
    this.announceWritable(this.#writable);
  }

  /** Ends the stream after an error that the session has thrown. */
  #failed(error: unknown): void {
    // The kept session may be the cause: the next connection does a full handshake.
    this.#resumption.forget();
    const known = error instanceof TlsFailure;
    const kind = known ? error.kind : 'tls-alert';
    const alert = known ? error.alert : Alert.InternalError;
    if (alert !== undefined) this.#say(alert);
    if (kind === 'tls-date') this.#owner.datesJudged(this.#time, false);
    this.fail(kind, (error as Error).message || 'the server does not speak TLS 1.2');
  }

  /** Sends an alert (RFC 5246 §7.2.1), as far as the socket has room for it. */
  #say(alert: number): void {
    try {
      this.#session?.sayAlert(alert);
      this.#carrier?.flush();
    } catch {
      // The connection is gone, so the alert is of no use.
    }
  }
}
