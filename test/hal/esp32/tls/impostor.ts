// SPDX-License-Identifier: Apache-2.0
/**
 * A TLS 1.2 server that is no library: it can do what no honest server does (RFC 5246, RFC 8422, RFC 5288).
 */
import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readPem } from '../../../../hal/esp32/tls/pem.ts';
import { within } from '../../../support/until.ts';

export interface ImpostorOptions {
  /** PEM: what it shows. */
  readonly chain: string;
  /** PEM: what it signs the exchange of keys with; undefined: not at all. */
  readonly privateKey?: string;
  /** What it says; by default `honest`. */
  readonly flight?: (parts: Parts) => readonly Buffer[];
  /** Records before all others. */
  readonly before?: Buffer;
  /** Into how many bytes its messages are split. */
  readonly pieceBytes?: number;
  /** Its Finished; by default as it should be. */
  readonly finish?: (finished: Buffer) => Buffer;
  /** Messages of a handshake that it sends when the connection is up, each encrypted in a record. */
  readonly after?: readonly Buffer[];
}

/** What is known when the server says what it has to say. */
export interface Parts {
  readonly random: Buffer;
  readonly certificates: readonly Buffer[];
  /** Of the exchange of keys. */
  readonly parameters: Buffer;
  /** The exchange of keys with these parameters. */
  signed(parameters: Buffer): Buffer;
}

export interface RunningImpostor {
  readonly server: Server;
  readonly port: number;
  /** What clients have told it, as level and description, or that they have and it was encrypted. */
  readonly alerts: string[];
  /** The first of them is over. */
  readonly over: Promise<unknown>;
}

const SUITE = [0xc0, 0x2f];
const P_256 = 23;

/** RFC 5246 §7.4. */
export const serverHello = (
  random: Buffer,
  changes: { version?: number[]; id?: Buffer; suite?: number[]; rest?: Buffer } = {},
) =>
  message(
    2,
    Buffer.concat([
      Buffer.from(changes.version ?? [3, 3]),
      random,
      vector(1, changes.id ?? Buffer.alloc(0)),
      Buffer.from(changes.suite ?? SUITE),
      changes.rest ?? Buffer.from([0]),
    ]),
  );
export const certificateMessage = (certificates: readonly Buffer[]) =>
  message(11, vector(3, Buffer.concat(certificates.map((each) => vector(3, each)))));
export const certificateRequest = (names: readonly Buffer[]) =>
  message(
    13,
    Buffer.concat([Buffer.from([1, 1, 0, 2, 4, 1]), vector(2, Buffer.concat(names.map((each) => vector(2, each))))]),
  );
export const done = message(14, Buffer.alloc(0));
export const helloRequest = message(0, Buffer.alloc(0));

export function honest({ random, certificates, parameters, signed }: Parts): Buffer[] {
  return [serverHello(random), certificateMessage(certificates), signed(parameters), done];
}

/** The signed exchange of keys, and a second one, which nobody has signed. */
export function twice(parts: Parts): Buffer[] {
  const second = message(12, Buffer.concat([parts.parameters, Buffer.from([4, 0, 0, 0])]));
  return [...honest(parts).slice(0, 3), second, done];
}

/** Listens on 127.0.0.1, and sends one byte to whoever believes it. */
export async function serveImpostor(options: ImpostorOptions): Promise<RunningImpostor> {
  const alerts: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('close', () => server.emit('over'));
    new Connection(socket, options, alerts).run().catch(() => socket.destroy());
  });
  const over = once(server, 'over');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, alerts, over };
}

class Connection {
  readonly #socket: Socket;
  readonly #options: ImpostorOptions;
  readonly #alerts: string[];
  readonly #random = randomBytes(32);
  readonly #messages: Buffer[] = [];
  #input = Buffer.alloc(0);
  #sent = 0n;

  constructor(socket: Socket, options: ImpostorOptions, alerts: string[]) {
    this.#socket = socket;
    this.#options = options;
    this.#alerts = alerts;
    socket.on('data', (bytes) => {
      this.#input = Buffer.concat([this.#input, bytes]);
      socket.emit('more');
    });
  }

  async run(): Promise<void> {
    const hello = await this.#read();
    this.#messages.push(hello);
    const clientRandom = hello.subarray(6, 38);
    const ecdh = createECDH('prime256v1');
    const { flight = honest, before, chain, pieceBytes = 2 ** 14, finish = (as: Buffer) => as } = this.#options;
    const messages = flight({
      random: this.#random,
      certificates: readPem(Buffer.from(chain), '').map(({ bytes }) => Buffer.from(bytes)),
      parameters: Buffer.from([3, 0, P_256, 65, ...ecdh.generateKeys()]),
      signed: (parameters) => message(12, this.#signed(clientRandom, parameters)),
    });
    // RFC 5246 §7.4.1.1: the hashes have no HelloRequest.
    this.#messages.push(...messages.filter(([type]) => type !== 0));
    if (before !== undefined) this.#socket.write(before);
    const all = Buffer.concat(messages);
    for (let at = 0; at < all.length; at += pieceBytes) this.#send(22, all.subarray(at, at + pieceBytes));

    let exchange = await this.#read();
    this.#messages.push(exchange);
    // Its certificates come before.
    if (exchange[0] === 11) {
      exchange = await this.#read();
      this.#messages.push(exchange);
    }
    const shared = ecdh.computeSecret(exchange.subarray(5));
    const master = prf(shared, 'master secret', Buffer.concat([clientRandom, this.#random]), 48);
    const keys = prf(master, 'key expansion', Buffer.concat([this.#random, clientRandom]), 40);
    await this.#read();
    this.#messages.push(decrypt(keys.subarray(0, 16), keys.subarray(32, 36), await this.#read()));
    this.#send(20, Buffer.from([1]));
    const hash = createHash('sha256').update(Buffer.concat(this.#messages)).digest();
    const encrypt = (type: number, plain: Buffer) => this.#encrypt(keys, type, plain);
    encrypt(22, finish(message(20, prf(master, 'server finished', hash, 12))));
    for (const each of this.#options.after ?? []) encrypt(22, each);
    encrypt(23, Buffer.from('+'));
    encrypt(21, Buffer.from([1, 0]));
    // Until an alert comes.
    for (;;) await this.#read();
  }

  #signed(clientRandom: Buffer, parameters: Buffer): Buffer {
    const { privateKey } = this.#options;
    // RFC 5246 §7.4.1.4.1: hash 4 is SHA-256; signature 0 is none, 1 is RSA.
    if (privateKey === undefined) return Buffer.concat([parameters, Buffer.from([4, 0, 0, 0])]);
    const signature = sign('sha256', Buffer.concat([clientRandom, this.#random, parameters]), privateKey);
    return Buffer.concat([parameters, Buffer.from([4, 1]), vector(2, signature)]);
  }

  #encrypt(keys: Buffer, type: number, plain: Buffer): void {
    const explicit = Buffer.alloc(8);
    explicit.writeBigUInt64BE(this.#sent + 1n);
    const cipher = createCipheriv(
      'aes-128-gcm',
      keys.subarray(16, 32),
      Buffer.concat([keys.subarray(36, 40), explicit]),
    );
    cipher.setAAD(additional(this.#sent, type, plain.length));
    this.#sent += 1n;
    this.#send(type, Buffer.concat([explicit, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
  }

  #send(type: number, content: Buffer): void {
    this.#socket.write(Buffer.concat([Buffer.from([type, 3, 3]), vector(2, content)]));
  }

  /** The content of the next record. */
  async #read(): Promise<Buffer> {
    while (this.#input.length < 5 || this.#input.length < 5 + this.#input.readUInt16BE(3)) {
      await within(once(this.#socket, 'more'), 'the client sends no record');
    }
    const end = 5 + this.#input.readUInt16BE(3);
    const content = this.#input.subarray(5, end);
    const isAlert = this.#input[0] === 21;
    this.#input = this.#input.subarray(end);
    if (!isAlert) return content;
    this.#alerts.push(content.length === 2 ? [...content].join() : 'encrypted');
    throw new Error('the client has said why');
  }
}

function decrypt(key: Buffer, salt: Buffer, content: Buffer): Buffer {
  const plainLength = content.length - 8 - 16;
  const cipher = createDecipheriv('aes-128-gcm', key, Buffer.concat([salt, content.subarray(0, 8)]));
  cipher.setAAD(additional(0n, 22, plainLength));
  cipher.setAuthTag(content.subarray(-16));
  return Buffer.concat([cipher.update(content.subarray(8, -16)), cipher.final()]);
}

function additional(sequence: bigint, type: number, length: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeBigUInt64BE(sequence);
  bytes.set([type, 3, 3, length >> 8, length & 0xff], 8);
  return bytes;
}

export function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), vector(3, body)]);
}

/** With its length before it. */
export function vector(lengthBytes: number, content: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
}

/** RFC 5246 §5. */
function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const hmac = (data: Buffer) => createHmac('sha256', secret).update(data).digest();
  const start = Buffer.concat([Buffer.from(label), seed]);
  const parts: Buffer[] = [];
  for (let a = hmac(start); Buffer.concat(parts).length < length; a = hmac(a)) {
    parts.push(hmac(Buffer.concat([a, start])));
  }
  return Buffer.concat(parts).subarray(0, length);
}
