// SPDX-License-Identifier: Apache-2.0
/** A WebSocket of ours, and the frames of a server that a test plays. */

import { createHash } from 'node:crypto';
import { ascii } from '../../src/bytes/text.ts';
import { identityOf } from '../../src/http/request.ts';
import { Transport } from '../../src/http/transport.ts';
import { WebSocketClient, type WebSocketOwner } from '../../src/http/websocket.ts';
import { EventScope } from '../../src/timers/event-scope.ts';
import { Timers } from '../../src/timers/timers.ts';
import { type Peer, ScriptedNetwork, VirtualClock } from './scripted.ts';

/** A frame of a server, as text of bytes. */
export function serverFrame(
  opcode: number,
  content: string | Uint8Array = '',
  { isFinal = true, isMasked = false } = {},
): string {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.from(content);
  const head = [(isFinal ? 0x80 : 0) | opcode];
  const mask = isMasked ? 0x80 : 0;
  if (bytes.length < 126) head.push(mask | bytes.length);
  else if (bytes.length < 65_536) head.push(mask | 126, bytes.length >> 8, bytes.length & 0xff);
  else
    head.push(
      mask | 127,
      0,
      0,
      0,
      0,
      bytes.length >>> 24,
      (bytes.length >> 16) & 0xff,
      (bytes.length >> 8) & 0xff,
      bytes.length & 0xff,
    );
  return Buffer.concat([Buffer.from(head), isMasked ? Buffer.alloc(4) : Buffer.alloc(0), bytes]).toString('latin1');
}

export interface ClientFrame {
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly mask: string;
  readonly content: Buffer;
}

/** The frames of a client, out of its bytes. Throws where there is none. */
function clientFrames(bytes: Buffer): ClientFrame[] {
  const frames: ClientFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    const short = second & 0x7f;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const maskAt = at + (short === 126 ? 4 : 2);
    const mask = bytes.subarray(maskAt, maskAt + 4);
    const content = Buffer.from(bytes.subarray(maskAt + 4, maskAt + 4 + length));
    if (content.length < length || short === 127 || (first & 0xf0) !== 0x80) throw new Error(`no frame at ${at}`);
    for (let i = 0; i < length; i++) content[i] = (content[i] as number) ^ (mask[i & 3] as number);
    frames.push({ opcode: first & 0x0f, isMasked: (second & 0x80) !== 0, mask: mask.toString('hex'), content });
    at = maskAt + 4 + length;
  }
  return frames;
}

/** What `Sec-WebSocket-Accept` says to a request. */
function acceptOf(request: string): string {
  const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

export class SocketScene implements WebSocketOwner {
  readonly clock = new VirtualClock();
  readonly network = new ScriptedNetwork();
  readonly transport: Transport;
  readonly socket: WebSocketClient;
  /** What it takes; the scene takes all that comes unless told otherwise. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** `up`, `free`, and why it is over. */
  readonly said: string[] = [];
  received = Buffer.alloc(0);
  #random = 0;

  constructor() {
    const timers = new Timers(this.clock, new EventScope());
    const userAgent = ascii('fractus');
    this.transport = new Transport({
      network: this.network,
      timers,
      receiveBytes: 512,
      requestBytes: 256,
      requestMaxBytes: 1024,
      userAgent,
    });
    this.socket = new WebSocketClient({
      transport: this.transport,
      target: { host: 'platform.test', port: 80 },
      identity: identityOf(ascii('platform.test'), ascii('Basic YTpi')),
      path: ascii('/service/remoteaccess/device/k1'),
      fillRandom: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = ++this.#random & 0xff;
      },
      owner: this,
    });
  }

  onUp(): void {
    this.said.push('up');
  }

  onFree(): void {
    this.said.push('free');
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.received = Buffer.concat([this.received, bytes.subarray(from, to)]);
    this.roomBytes -= to - from;
  }

  onOver(reason: string): void {
    this.said.push(reason);
  }

  /** Its request, once it has connected. */
  ask(credit = 1 << 20): { peer: Peer; request: string } {
    this.socket.start();
    const peer = this.network.last.open(credit);
    return { peer, request: peer.received };
  }

  /** The usual answer. */
  accept(request: string, changes: Readonly<Record<string, string | undefined>> = {}, behind = ''): string {
    const fields: Record<string, string | undefined> = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': acceptOf(request),
      'Sec-WebSocket-Protocol': 'binary',
      ...changes,
    };
    const lines = Object.keys(fields).flatMap((name) =>
      fields[name] === undefined ? [] : [`${name}: ${fields[name]}\r\n`],
    );
    return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n${behind}`;
  }

  /** Up, with nothing sent yet. */
  open(credit?: number): Peer {
    const { peer, request } = this.ask(credit);
    peer.send(this.accept(request));
    peer.received = '';
    return peer;
  }

  /** Has it send these bytes. */
  say(bytes: Uint8Array): number {
    let at = 0;
    const source = {
      read(into: Uint8Array, from: number, to: number) {
        const piece = bytes.subarray(at, at + to - from);
        into.set(piece, from);
        at += piece.length;
        return piece.length;
      },
    };
    return this.socket.sendFrom(source);
  }
}

export function framesOf(peer: Peer): ClientFrame[] {
  return clientFrames(Buffer.from(peer.received, 'latin1'));
}
