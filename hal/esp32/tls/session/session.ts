// SPDX-License-Identifier: Apache-2.0

import type { Gcm } from './gcm.ts';
import { Handshake, type HandshakeOptions, type HandshakeOutput } from './handshake.ts';
import { TLS_1_2 } from './hello.ts';
import { Alert, TlsFailure } from './options.ts';
import {
  type Carrier,
  FINISHING,
  HEADER_BYTES,
  LONGEST_CONTENT_BYTES,
  OPEN,
  RecordReader,
  RecordType,
} from './records.ts';
import { Message } from './steps.ts';

/** More than enough for a handshake in pieces of 512 bytes, the smallest size that can be negotiated. */
const MOST_RECORDS = 128;
/** The limit of OpenSSL. */
const MOST_WARNINGS = 5;

const WARNING = 1;
const FATAL = 2;
/** It has no body. */
const HELLO_REQUEST = '0,0,0,0';
/** Bytes of the head of a message. */
const HEAD_BYTES = 4;

/**
 * A client's TLS 1.2 connection. Failures are thrown; the caller then tells the server by `sayAlert`. Before the server
 * is authenticated, its data costs only a bounded number of bytes, records and signatures: each length is checked when
 * it is announced.
 */
export class TlsSession implements HandshakeOutput {
  /** True when the connection is up after a full handshake, so that certificates were verified. */
  judged = false;
  readonly #carrier: Carrier;
  readonly #records: RecordReader;
  #handshake: Handshake | undefined;
  #started = false;
  /** The current message, and how many of its bytes have arrived. */
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headBytes = 0;
  #message: Uint8Array | undefined;
  #messageBytes = 0;
  #warnings = 0;
  #sealer: Gcm | undefined;
  #opener: Gcm | undefined;

  /** @throws TlsFailure when one of our own files cannot be used */
  constructor(carrier: Carrier, options: HandshakeOptions) {
    this.#carrier = carrier;
    this.#records = new RecordReader(carrier);
    this.#handshake = new Handshake(this, options);
  }

  /** Continues the handshake as far as the received bytes allow. @returns true when the connection is up */
  advance(): boolean {
    const handshake = this.#handshake;
    if (handshake === undefined) return true;
    if (!this.#started) handshake.start();
    this.#started = true;
    const records = this.#records;
    while (records.begin()) {
      if (records.count > MOST_RECORDS) throw unexpected('a handshake in too many pieces');
      if (records.type === RecordType.Handshake && this.#opener === undefined) {
        this.#join(handshake);
        if (records.left > 0) return false;
        continue;
      }
      const content = this.#content();
      if (content === undefined) return false;
      if (records.type === RecordType.Alert) this.#takeAlert(content);
      else if (records.type === RecordType.ChangeCipherSpec) this.#changeCipher(handshake, content);
      else this.#finish(handshake, content);
      if (handshake.isOver) {
        this.judged = !handshake.isResumed;
        this.#handshake = undefined;
        records.limits = OPEN;
        return true;
      }
    }
    return false;
  }

  /** The next data of the server; undefined: more bytes are needed; null: the server has closed the connection. */
  read(): Uint8Array | undefined | null {
    while (this.#records.begin()) {
      const content = this.#content();
      if (content === undefined) return undefined;
      const { type } = this.#records;
      if (type === RecordType.ApplicationData) return content;
      if (type === RecordType.Handshake) this.#takeRequest(content);
      else if (this.#takeAlert(content)) return null;
    }
    return undefined;
  }

  write(bytes: Uint8Array): void {
    this.#send(RecordType.ApplicationData, bytes);
  }

  /** Sends an alert, which must be the last thing sent. */
  sayAlert(description: number): void {
    const level = description === Alert.CloseNotify ? WARNING : FATAL;
    this.#send(RecordType.Alert, new Uint8Array([level, description]));
  }

  sendMessage(message: Uint8Array): void {
    this.#send(RecordType.Handshake, message);
  }

  sealWith(gcm: Gcm): void {
    this.#send(RecordType.ChangeCipherSpec, new Uint8Array([1]));
    this.#sealer = gcm;
  }

  /** Joins the bytes of records into messages, which need not have the same boundaries. */
  #join(handshake: Handshake): void {
    const records = this.#records;
    while (records.left > 0) {
      if (this.#message === undefined) {
        this.#headBytes = records.readInto(this.#head, this.#headBytes);
        if (this.#headBytes < HEAD_BYTES) return;
        this.#headBytes = 0;
        if (this.#head[0] === Message.HelloRequest) {
          this.#takeRequest(this.#head);
          continue;
        }
        this.#message = new Uint8Array(handshake.judge(this.#head));
        this.#message.set(this.#head);
        this.#messageBytes = HEAD_BYTES;
      }
      const message = this.#message;
      this.#messageBytes = records.readInto(message, this.#messageBytes);
      if (this.#messageBytes < message.length) return;
      this.#message = undefined;
      handshake.take(message);
      this.#records.version = TLS_1_2;
    }
  }

  #changeCipher(handshake: Handshake, content: Uint8Array): void {
    if (content[0] !== 1 || this.#headBytes > 0 || this.#message !== undefined) {
      throw unexpected('a change of ciphers in the middle of a message');
    }
    this.#opener = handshake.changeCipher();
    this.#records.limits = FINISHING;
  }

  #finish(handshake: Handshake, content: Uint8Array): void {
    if (handshake.judge(content) !== content.length) throw unexpected('an incomplete message');
    handshake.take(content);
  }

  /** The content of a whole record, decrypted; undefined until it is complete. */
  #content(): Uint8Array | undefined {
    const content = this.#records.whole();
    if (content === undefined || this.#opener === undefined) return content;
    const text = this.#opener.open(this.#records.type, content);
    if (text === undefined) {
      throw new TlsFailure('tls-alert', 'a record was changed in transit', Alert.BadRecordMac);
    }
    return text;
  }

  /** Takes an alert; a few warnings are ignored (RFC 5246 §7.2). @returns true when the server closes the connection */
  #takeAlert(content: Uint8Array): boolean {
    const [level, description] = content;
    if (description === Alert.CloseNotify && this.#handshake === undefined) return true;
    const isWarning = level === WARNING && description !== Alert.CloseNotify;
    if (isWarning && ++this.#warnings <= MOST_WARNINGS) return false;
    throw new TlsFailure('tls-alert', `alert ${description}`);
  }

  /**
   * A client may ignore a request for another handshake, and its digest never contains one (RFC 5246 §7.4.1.1). Such
   * requests count as warnings.
   */
  #takeRequest(message: Uint8Array): void {
    if (message.join() === HELLO_REQUEST && ++this.#warnings <= MOST_WARNINGS) return;
    throw unexpected(`message ${message[0]} of the handshake now`);
  }

  /** Sends content in records of the greatest length at most; only our own certificates are longer. */
  #send(type: number, content: Uint8Array): void {
    for (let at = 0; at < content.length; at += LONGEST_CONTENT_BYTES) {
      const piece = content.subarray(at, at + LONGEST_CONTENT_BYTES);
      this.#carrier.write(this.#sealer === undefined ? plain(type, piece) : this.#sealer.seal(type, piece));
    }
  }
}

function plain(type: number, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + content.length);
  record.set([type, 3, 3, content.length >> 8, content.length & 0xff]);
  record.set(content, HEADER_BYTES);
  return record;
}

function unexpected(detail: string): TlsFailure {
  return new TlsFailure('tls-alert', detail, Alert.UnexpectedMessage);
}
