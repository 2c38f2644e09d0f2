// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Target } from '../../hal/hal.ts';
import { cut, decodeUtf8, NO_BYTES, oneLine } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { Connection } from './connection.ts';
import { DEADLINES } from './exchange.ts';
import { type Failure, failureText } from './failure.ts';
import { CloseCode, FRAME_HEAD_BYTES, type FrameHandler, FrameReader, Opcode, sealFrame } from './frames.ts';
import type { Identity } from './request.ts';
import type { Transport } from './transport.ts';
import type { Turn } from './turn.ts';
import { Upgrade } from './upgrade.ts';

export interface WebSocketOptions {
  readonly transport: Transport;
  readonly target: Target;
  readonly identity: Identity;
  readonly path: Uint8Array;
  readonly fillRandom: (into: Uint8Array) => void;
  readonly owner: WebSocketOwner;
}

/** The user of a WebSocket on this device. */
export interface WebSocketOwner {
  /** Bytes that the owner takes now. With 0, received bytes wait, and in the end the server waits; `take` continues. */
  readonly roomBytes: number;
  /** The WebSocket is open. */
  onUp(): void;
  /** The WebSocket can send a message again. */
  onFree(): void;
  onData(bytes: Uint8Array, from: number, to: number): void;
  /** Called once and last: it is closed, or was never open. @param reason for a person */
  onOver(reason: string): void;
}

const Phase = { Dialling: 0, Asking: 1, Open: 2, Closing: 3, Over: 4 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** Size of one message: bytes on their way out are in RAM once. */
const MESSAGE_BYTES = 1024;
const HEAD_MAX_BYTES = 4096;
/** Time for the server to answer a close. */
const CLOSE_MS = 5000;
const CR = 0x0d;
const LF = 0x0a;
const END_BYTES = 4;

/**
 * A client's WebSocket (RFC 6455) for bytes, on a connection of its own. It keeps one message on its way out, and none
 * of the bytes that come in: both sides decide how fast it reads and writes.
 */
export class WebSocketClient extends Connection implements FrameHandler {
  /** Bytes of any kind that have come in: a sign that the server is there. */
  heardBytes = 0;
  /** Bytes that have come in and have not been read. */
  waitingBytes = 0;
  readonly #options: WebSocketOptions;
  readonly #owner: WebSocketOwner;
  readonly #reader = new FrameReader(this);
  #phase: Phase = Phase.Dialling;
  #upgrade: Upgrade | undefined;
  /** The head of the answer to the upgrade. */
  #head: ByteWriter | undefined;
  /** Bytes matched of the empty line that ends the head. */
  #matched = 0;
  readonly #message = new Uint8Array(FRAME_HEAD_BYTES + MESSAGE_BYTES);
  /** Bytes on their way out, `[at, end)`. */
  #sending: Uint8Array = NO_BYTES;
  #at = 0;
  #end = 0;
  /** A control frame that is sent next. */
  #control: Uint8Array | undefined;
  /** Bytes that the stream takes now. */
  #credit = 0;
  /** The server has ended the connection; the bytes it sent before are still to be read. */
  #isEnded = false;

  constructor(options: WebSocketOptions) {
    super(options.transport, options.target);
    this.#options = options;
    this.#owner = options.owner;
  }

  /** Connects; `onUp` or `onOver` follows. */
  start(): void {
    this.connect();
  }

  /** Whether it can send a message. */
  get isFree(): boolean {
    return this.#phase === Phase.Open && this.#at === this.#end && this.#control === undefined;
  }

  /** Sends bytes of `source` as one message, as many as fit; only while `isFree`. Returns their number. */
  sendFrom(source: Pick<ByteStream, 'read'>): number {
    const message = this.#message;
    const count = source.read(message, FRAME_HEAD_BYTES, message.length);
    if (count <= 0) return 0;
    const end = FRAME_HEAD_BYTES + count;
    this.send(message, sealFrame(message, end, Opcode.Binary, this.#options.fillRandom), end);
    return count;
  }

  /** Makes the server show that it is there, unless something is on its way to it anyway. */
  ping(): void {
    if (this.isFree) this.sendControl(Opcode.Ping, NO_BYTES);
  }

  /** Reads on, because the owner has room. */
  take(): void {
    const { receive } = this.transport;
    for (let { stream } = this; stream !== undefined && this.waitingBytes > 0; stream = this.stream) {
      const mostBytes = Math.min(this.mostBytes, receive.length);
      if (mostBytes <= 0) return;
      const count = stream.read(receive, 0, mostBytes);
      if (count <= 0) break;
      this.waitingBytes -= count;
      this.heardBytes += count;
      if (this.#phase === Phase.Asking) this.readHead(receive, count);
      else this.readFrames(receive, count);
    }
    if (this.#isEnded) this.over('the platform has closed the connection');
  }

  /** Closes it in order: everything sent before arrives first. `onOver` follows. */
  close(code: number): void {
    if (this.#phase !== Phase.Open) return;
    this.#phase = Phase.Closing;
    this.deadline.start(CLOSE_MS);
    this.sendControl(Opcode.Close, codeBytes(code));
    this.take();
  }

  /** Closes it at once, without `onOver`. */
  stop(): void {
    this.#phase = Phase.Over;
    this.deadline.stop();
    this.disconnect();
  }

  override onTurn(turn: Turn): void {
    if (turn === this.transport.handshakes) this.open();
  }

  override onDeadline(): void {
    if (this.#phase === Phase.Dialling) this.over('the platform cannot be reached in time');
    else if (this.#phase === Phase.Asking) this.over('the platform does not answer in time');
    else this.over('the platform does not answer a close');
  }

  // FrameHandler

  onData(bytes: Uint8Array, from: number, to: number): void {
    if (this.#phase === Phase.Open) this.#owner.onData(bytes, from, to);
  }

  /** RFC 6455 §5.5.3: of several pings only the last one needs an answer. */
  onPing(content: Uint8Array): void {
    if (this.#phase === Phase.Open) this.sendControl(Opcode.Pong, content);
  }

  onClose(code: number): void {
    if (this.#phase === Phase.Open) {
      // §5.5.1: the close is answered, unless a message is partly sent.
      this.#phase = Phase.Closing;
      this.sendControl(Opcode.Close, code === CloseCode.None ? NO_BYTES : codeBytes(code));
    }
    this.over(code === CloseCode.Normal ? 'the platform has closed it' : `the platform has closed it (${code})`);
  }

  // Connection

  override onWritable(count = 0): void {
    this.#credit = count;
    super.onWritable();
  }

  protected override advance(): void {
    if (this.#phase === Phase.Dialling) this.ask();
    else this.pump();
    if (this.isFree) this.#owner.onFree();
  }

  protected override receive(count: number): void {
    this.waitingBytes = count;
    if (this.#phase === Phase.Dialling) this.over('the platform sends before the request');
    else this.take();
  }

  protected override ended(): void {
    this.#isEnded = true;
    if (this.#phase < Phase.Open) this.over('the platform has closed the connection');
    // Bytes that wait for room of the owner are read when there is some.
    else if (this.waitingBytes === 0) this.take();
  }

  protected override fail(failure: Failure): void {
    this.over(this.detail === '' ? failureText(failure) : `${failureText(failure)} (${oneLine(this.detail)})`);
  }

  /** Bytes that may be read at once. Of the head only those that surely belong to it: frames may follow directly. */
  private get mostBytes(): number {
    if (this.#phase === Phase.Asking) return END_BYTES - this.#matched;
    return this.#phase === Phase.Open ? this.#owner.roomBytes : Number.POSITIVE_INFINITY;
  }

  private ask(): void {
    const { identity, path, fillRandom } = this.#options;
    this.#phase = Phase.Asking;
    this.#upgrade = new Upgrade({ identity, path, fillRandom, userAgent: this.transport.request.userAgent });
    const { request } = this.#upgrade;
    if (request === undefined) {
      this.over('the request for it is too large or malformed');
      return;
    }
    this.deadline.start(DEADLINES.responseMs);
    this.send(request.bytes, 0, request.end);
  }

  private readHead(bytes: Uint8Array, count: number): void {
    this.#head ??= new ByteWriter(256, HEAD_MAX_BYTES);
    this.#head.putRange(bytes, 0, count);
    for (let i = 0; i < count; i++) {
      const expected = this.#matched % 2 === 0 ? CR : LF;
      this.#matched = bytes[i] === expected ? this.#matched + 1 : bytes[i] === CR ? 1 : 0;
    }
    if (this.#head.overflowed) this.over(`an answer with a head of more than ${HEAD_MAX_BYTES} bytes`);
    else if (this.#matched === END_BYTES) this.settle(decodeUtf8(this.#head.bytes, 0, this.#head.end));
  }

  private settle(head: string): void {
    const trouble = this.#upgrade?.troubleOf(head);
    this.#head = undefined;
    this.#upgrade = undefined;
    if (trouble !== undefined) {
      this.over(`the platform refuses it: ${trouble}`);
      return;
    }
    this.#phase = Phase.Open;
    this.deadline.stop();
    this.#owner.onUp();
  }

  private readFrames(bytes: Uint8Array, count: number): void {
    this.#reader.feed(bytes, 0, count);
    const { error, code } = this.#reader;
    if (error === '' || this.#phase === Phase.Over) return;
    // §7.1.7: the server gets the close code, and its answer is not awaited.
    if (this.#phase === Phase.Open) this.sendControl(Opcode.Close, codeBytes(code));
    this.over(`the platform sends an invalid frame: ${error}`);
  }

  /** Sends a control frame, which replaces one that waits. */
  private sendControl(opcode: number, content: Uint8Array): void {
    const frame = new Uint8Array(FRAME_HEAD_BYTES + content.length);
    frame.set(content, FRAME_HEAD_BYTES);
    this.#control = frame.subarray(sealFrame(frame, frame.length, opcode, this.#options.fillRandom));
    this.pump();
  }

  private send(bytes: Uint8Array, from: number, to: number): void {
    this.#sending = bytes;
    this.#at = from;
    this.#end = to;
    this.pump();
  }

  private pump(): void {
    const { stream } = this;
    while (stream !== undefined && this.#credit > 0) {
      if (this.#at === this.#end) {
        const control = this.#control;
        if (control === undefined) return;
        this.#control = undefined;
        this.#sending = control;
        this.#at = 0;
        this.#end = control.length;
      }
      const count = stream.write(this.#sending, this.#at, this.#end);
      if (count <= 0) return;
      this.#credit -= count;
      this.#at += count;
    }
  }

  private over(reason: string): void {
    if (this.#phase === Phase.Over) return;
    this.stop();
    this.#owner.onOver(cut(reason, 200));
  }
}

function codeBytes(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}
