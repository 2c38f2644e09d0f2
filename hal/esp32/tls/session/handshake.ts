// SPDX-License-Identifier: Apache-2.0

import { Digest } from 'crypt';
import { equalBytes } from '../../../../src/bytes/text.ts';
import { SIGNATURE_ALGORITHMS } from '../algorithms.ts';
import type { PublicKey } from '../certificate.ts';
import { verifyHash } from '../signature.ts';
import { Trust } from './certificates.ts';
import { EXCHANGE_RANDOM_BYTES, KeyExchange } from './exchange.ts';
import { Gcm } from './gcm.ts';
import { checkExtensions, hello, numbers, SECP256R1, SUITES, TLS_1_2 } from './hello.ts';
import { Alert, TlsFailure, type TrustOptions } from './options.ts';
import { prf } from './prf.ts';
import type { Resumption } from './resumption.ts';
import { EXPECTED, Message, MOST_BYTES, Step } from './steps.ts';
import { malformed, VectorReader, vector } from './vectors.ts';

const HEAD_BYTES = 4;
const SESSION_ID_MOST_BYTES = 32;
const NAMED_CURVE = 3;
const RANDOM_BYTES = 32;
const SECRET_BYTES = 48;
const FINISHED_BYTES = 12;
const KEY_BYTES = 16;
const SALT_BYTES = 4;
const NONE = new Uint8Array(0);

export interface HandshakeOptions {
  readonly trust: TrustOptions;
  /** Undefined when the host is an address, which SNI does not allow (RFC 6066 §3). */
  readonly serverName: string | undefined;
  readonly resumption: Resumption;
  random(byteLength: number): Uint8Array;
}

export interface HandshakeOutput {
  sendMessage(message: Uint8Array): void;
  /** Sends ChangeCipherSpec, and encrypts everything after it. */
  sealWith(gcm: Gcm): void;
}

/**
 * The client side of a TLS 1.2 handshake (RFC 5246 §7): ECDHE on P-256, AES-128-GCM, one list of signature algorithms.
 */
export class Handshake {
  readonly #output: HandshakeOutput;
  readonly #options: HandshakeOptions;
  #trust: Trust | undefined;
  /** Digest of all messages. */
  readonly #digest = new Digest('SHA256');
  readonly #clientRandom: Uint8Array;
  #step: number = Step.Hello;
  #serverRandom: Uint8Array = NONE;
  #suite = 0;
  #sessionId: Uint8Array = NONE;
  #resumed = false;
  #serverKey: PublicKey | undefined;
  #point: Uint8Array = NONE;
  /** The server requests a certificate. */
  #asked = false;
  #maySign = false;
  #secret: Uint8Array = NONE;

  /** @throws TlsFailure when one of our own files cannot be used */
  constructor(output: HandshakeOutput, options: HandshakeOptions) {
    this.#output = output;
    this.#options = options;
    // A resumed session does not need it, and saves its time and memory.
    if (options.resumption.kept === undefined) this.#trust = new Trust(options.trust);
    this.#clientRandom = options.random(RANDOM_BYTES);
  }

  get isResumed(): boolean {
    return this.#resumed;
  }

  get isOver(): boolean {
    return this.#step === Step.Open;
  }

  start(): void {
    const { resumption, serverName } = this.#options;
    this.#send(Message.ClientHello, hello(this.#clientRandom, resumption.kept?.id ?? NONE, serverName));
  }

  /** Checks the type and length in the head of a message. @returns the length of the message, with its head */
  judge(head: Uint8Array): number {
    const reader = new VectorReader(head);
    const type = reader.number(1);
    const length = reader.number(3);
    if (EXPECTED[this.#step]?.includes(type) !== true) {
      throw new TlsFailure('tls-alert', `unexpected handshake message ${type}`, Alert.UnexpectedMessage);
    }
    const most = MOST_BYTES[type] ?? 0;
    if (length <= most) return HEAD_BYTES + length;
    const detail = `message ${type} of the handshake has ${length} bytes, at most ${most} fit`;
    throw new TlsFailure('tls-alert', detail, Alert.IllegalParameter);
  }

  /** Takes a whole message, whose head was checked before. */
  take(message: Uint8Array): void {
    const body = new VectorReader(message, HEAD_BYTES);
    const type = message[0];
    if (type === Message.Finished) this.#takeFinished(body);
    this.#digest.write(message);
    if (type === Message.ServerHello) this.#takeHello(body);
    else if (type === Message.Certificate) this.#takeCertificate(body);
    else if (type === Message.ServerKeyExchange) this.#takeKeyExchange(body, message);
    else if (type === Message.CertificateRequest) this.#takeRequest(body);
    body.end();
    if (type === Message.ServerHelloDone) this.#answer();
    else if (type === Message.Finished) this.#finish();
  }

  /** The server encrypts from now on; returns its cipher. */
  changeCipher(): Gcm {
    if (this.#step !== Step.Cipher) {
      throw new TlsFailure('tls-alert', 'the server encrypts too early', Alert.UnexpectedMessage);
    }
    this.#step = Step.Finished;
    return this.#cipher(1);
  }

  #takeHello(body: VectorReader): void {
    if (body.number(2) !== TLS_1_2) {
      throw new TlsFailure('tls-alert', 'the server does not speak TLS 1.2', Alert.ProtocolVersion);
    }
    this.#serverRandom = body.bytes(RANDOM_BYTES);
    const id = body.vector(1);
    if (id.length > SESSION_ID_MOST_BYTES) throw malformed('with a session id that is too long');
    const suite = body.number(2);
    if (SUITES[suite] === undefined) throw illegal(`the cipher suite ${suite}`);
    if (body.number(1) !== 0) throw illegal('a compression');
    if (body.more) checkExtensions(new VectorReader(body.vector(2)), this.#options.serverName !== undefined);
    this.#suite = suite;
    const { kept } = this.#options.resumption;
    if (kept !== undefined && id.length > 0 && equalBytes(id, kept.id)) {
      if (suite !== kept.suite) throw illegal('another cipher suite for the same session');
      this.#secret = kept.secret;
      this.#resumed = true;
      this.#step = Step.Cipher;
    } else {
      this.#sessionId = id.slice();
      this.#step = Step.Certificate;
    }
  }

  #takeCertificate(body: VectorReader): void {
    const list = new VectorReader(body.vector(3));
    const chain: Uint8Array[] = [];
    while (list.more) chain.push(list.vector(3));
    this.#trust ??= new Trust(this.#options.trust);
    const key = this.#trust.verify(chain);
    if (key.kind !== SUITES[this.#suite]) throw illegal(`a key for ${key.kind}`);
    this.#serverKey = key;
    this.#step = Step.KeyExchange;
  }

  /**
   * Takes the server's half of the key exchange (RFC 8422 §5.4). An algorithm that was not offered is refused before
   * any arithmetic.
   */
  #takeKeyExchange(body: VectorReader, message: Uint8Array): void {
    const key = this.#serverKey as PublicKey;
    const curve = body.number(3);
    if (curve !== NAMED_CURVE * 0x10000 + SECP256R1) throw illegal(`the curve ${curve}`);
    const point = body.vector(1);
    const parameters = message.subarray(HEAD_BYTES, HEAD_BYTES + 4 + point.length);
    const scheme = body.number(2);
    const signature = body.vector(2);
    const algorithm = SIGNATURE_ALGORITHMS.find((each) => each.scheme === scheme && each.kind === key.kind);
    if (algorithm === undefined) {
      const detail = `the server signs with ${scheme}, so it does not prove its key`;
      throw new TlsFailure('tls-untrusted', detail, Alert.IllegalParameter);
    }
    const digest = new Digest(algorithm.hash).process(this.#clientRandom, this.#serverRandom, parameters);
    if (!verifyHash(key, new Uint8Array(digest), signature)) {
      throw new TlsFailure('tls-alert', 'the signature is not by the key of the certificate', Alert.DecryptError);
    }
    this.#point = point;
    this.#step = Step.Request;
  }

  #takeRequest(body: VectorReader): void {
    const types = body.vector(1);
    const schemes = new VectorReader(body.vector(2));
    const names = new VectorReader(body.vector(2));
    const key = (this.#trust as Trust).clientKey;
    while (schemes.more) if (schemes.number(2) === key?.scheme) this.#maySign = types.includes(key.type);
    while (names.more) names.skip(names.number(2));
    this.#asked = true;
    this.#step = Step.Done;
  }

  /** Sends our flight, after the server's last message. */
  #answer(): void {
    const { clientKey, clientChain } = this.#trust as Trust;
    const key = this.#maySign ? clientKey : undefined;
    const chain = key === undefined ? [] : clientChain;
    if (this.#asked) this.#send(Message.Certificate, vector(3, ...chain.map((each) => vector(3, each))));
    const exchange = new KeyExchange(this.#options.random(EXCHANGE_RANDOM_BYTES));
    const shared = exchange.agree(this.#point);
    if (shared === undefined) throw illegal('a point that is not on the curve');
    this.#send(Message.ClientKeyExchange, vector(1, exchange.point));
    this.#secret = prf(shared, 'master secret', [this.#clientRandom, this.#serverRandom], SECRET_BYTES);
    if (key !== undefined && chain.length > 0) {
      const signature = vector(2, key.sign(this.#digestSoFar()));
      this.#send(Message.CertificateVerify, vector(0, numbers(key.scheme), signature));
    }
    this.#sayFinished();
    this.#step = Step.Cipher;
  }

  #takeFinished(body: VectorReader): void {
    if (equalBytes(body.bytes(FINISHED_BYTES), this.#finished('server finished'))) return;
    throw new TlsFailure('tls-alert', 'the handshake was changed in transit', Alert.DecryptError);
  }

  #finish(): void {
    if (this.#resumed) this.#sayFinished();
    else this.#options.resumption.keep({ id: this.#sessionId, secret: this.#secret, suite: this.#suite });
    this.#step = Step.Open;
  }

  #sayFinished(): void {
    this.#output.sealWith(this.#cipher(0));
    this.#send(Message.Finished, this.#finished('client finished'));
  }

  #finished(label: string): Uint8Array {
    return prf(this.#secret, label, [this.#digestSoFar()], FINISHED_BYTES);
  }

  #digestSoFar(): Uint8Array {
    return new Uint8Array(this.#digest.close(true));
  }

  /** @param side 0: ours, 1: the server's (RFC 5246 §6.3) */
  #cipher(side: number): Gcm {
    const seed = [this.#serverRandom, this.#clientRandom];
    const block = prf(this.#secret, 'key expansion', seed, 2 * (KEY_BYTES + SALT_BYTES));
    const key = block.subarray(side * KEY_BYTES, (side + 1) * KEY_BYTES);
    const at = 2 * KEY_BYTES + side * SALT_BYTES;
    return new Gcm(key, block.subarray(at, at + SALT_BYTES));
  }

  #send(type: number, body: Uint8Array): void {
    const message = vector(0, new Uint8Array([type]), vector(3, body));
    this.#digest.write(message);
    this.#output.sendMessage(message);
  }
}

function illegal(what: string): TlsFailure {
  return new TlsFailure('tls-alert', `the server has chosen ${what}, which was not offered`, Alert.IllegalParameter);
}
