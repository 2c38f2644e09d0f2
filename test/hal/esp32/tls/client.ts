// SPDX-License-Identifier: Apache-2.0
/** The TLS of a board, over a socket of Node; in tests, Node's arithmetic stands in for the SDK's (`sdk/`). */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { readEcKey } from '../../../../hal/esp32/tls/ec-key.ts';
import { Alert, TlsFailure, type TrustOptions } from '../../../../hal/esp32/tls/session/options.ts';
import type { Carrier } from '../../../../hal/esp32/tls/session/records.ts';
import { Resumption } from '../../../../hal/esp32/tls/session/resumption.ts';
import { TlsSession } from '../../../../hal/esp32/tls/session/session.ts';
import { within } from '../../../support/until.ts';

export interface ClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly serverName?: string;
  /** PEM. */
  readonly ca: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  /** For keys that are not RSA. Default: those of P-256. */
  readonly otherKeys?: TrustOptions['otherKeys'];
  readonly resumption?: Resumption;
  /** Said when the connection is up. */
  readonly text?: string;
  /** How many bytes of the socket come in at once. */
  readonly pieceBytes?: number;
}

export interface Outcome {
  /** `end`, or kind and detail of the failure. */
  readonly end: string;
  /** What the server has said. */
  readonly text: string;
  /** Room that was made for what came, at most at once. */
  readonly mostBytes: number;
  /** Bytes taken out of the socket. */
  readonly readBytes: number;
}

/** Connects, says `text`, and reads until the server says no more. */
export function converse(options: ClientOptions): Promise<Outcome> {
  return within(new Promise((resolve) => new Client(options, resolve)), 'the conversation has no end');
}

class Client implements Carrier {
  readonly #options: ClientOptions;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #socket;
  #session: TlsSession | undefined;
  #input = Buffer.alloc(0);
  /** Of `#input`, what has come as far as the session knows. */
  readable = 0;
  #up = false;
  #text = '';
  #mostBytes = 0;
  #readBytes = 0;

  constructor(options: ClientOptions, resolve: (outcome: Outcome) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#socket = connect(options.port, '127.0.0.1', () => this.#guard(() => this.#begin()));
    this.#socket.on('data', (bytes) => {
      this.#input = Buffer.concat([this.#input, bytes]);
      this.#guard(() => this.#receive());
    });
    this.#socket.on('error', () => this.#end('gone'));
    this.#socket.on('close', () => this.#end('gone'));
  }

  read(into: Uint8Array, from: number, to: number): void {
    if (to - from > this.readable || to > into.length || to <= from) throw new Error('a read that a socket refuses');
    into.set(this.#input.subarray(0, to - from), from);
    this.#input = this.#input.subarray(to - from);
    this.readable -= to - from;
    this.#readBytes += to - from;
    this.#mostBytes = Math.max(this.#mostBytes, into.length);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  #begin(): void {
    const { host = 'device.example.localhost', ca, certificate, privateKey, otherKeys = readEcKey } = this.#options;
    const trust: TrustOptions = {
      host,
      time: { ms: Date.now(), exact: true },
      ca: Buffer.from(ca),
      certificate: certificate === undefined ? undefined : Buffer.from(certificate),
      privateKey: privateKey === undefined ? undefined : Buffer.from(privateKey),
      otherKeys,
    };
    this.#session = new TlsSession(this, {
      trust,
      serverName: this.#options.serverName,
      resumption: this.#options.resumption ?? new Resumption('any'),
      random: (byteLength) => new Uint8Array(randomBytes(byteLength)),
    });
    this.#receive();
  }

  #receive(): void {
    const { pieceBytes = Number.POSITIVE_INFINITY } = this.#options;
    do {
      this.readable = Math.min(this.#input.length, pieceBytes);
      this.#step();
    } while (this.#session !== undefined && this.#input.length > 0);
  }

  #step(): void {
    const session = this.#session;
    if (session === undefined) return;
    if (!this.#up) {
      if (!session.advance()) return;
      this.#up = true;
      session.write(Buffer.from(this.#options.text ?? '?'));
    }
    for (let data = session.read(); data !== undefined; data = session.read()) {
      if (data === null) {
        session.sayAlert(Alert.CloseNotify);
        this.#end('end');
        return;
      }
      this.#text += Buffer.from(data).toString('latin1');
    }
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof TlsFailure)) {
        this.#end(`thrown ${(error as Error).stack}`);
        return;
      }
      if (error.alert !== undefined) this.#session?.sayAlert(error.alert);
      this.#end(`${error.kind}: ${error.message}`);
    }
  }

  #end(end: string): void {
    this.#socket.destroySoon();
    this.#session = undefined;
    const outcome = { end, text: this.#text, mostBytes: this.#mostBytes, readBytes: this.#readBytes };
    this.#resolve(outcome);
  }
}
