// SPDX-License-Identifier: Apache-2.0

import type { Duplex } from 'node:stream';

/** A frame as in host/host.h: a header of 40 bytes, little-endian, and a payload. */
export interface Frame {
  readonly kind: number;
  /** The boot of the agent that the frame belongs to, 0 to 255. */
  readonly boot: number;
  readonly op: number;
  readonly id: number;
  readonly arg: number;
  readonly value: number;
  /** Valid only while the frame is handled. */
  readonly payload: Buffer;
}

export interface OutgoingFrame extends Partial<Omit<Frame, 'payload'>> {
  readonly kind: number;
  readonly ticksMs: number;
  /** Undefined while the time is unknown. */
  readonly nowMs: number | undefined;
  readonly payload?: Uint8Array | undefined;
}

export const FromParent = { Boot: 1, Event: 2, Reply: 3, Measure: 4, Settle: 5 } as const;
export const ToParent = {
  Ready: 1,
  Started: 2,
  Send: 3,
  Call: 4,
  Halted: 5,
  Aborted: 6,
  Figures: 7,
  Settled: 8,
} as const;

const HEADER_BYTES = 40;
/** The limit in host.h. */
export const FRAME_MAX_BYTES = 1024 * 1024;

/** Frames to and from an XS host. */
export class Channel {
  readonly #socket: Duplex;
  readonly #onFrame: (frame: Frame) => void;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(socket: Duplex, onFrame: (frame: Frame) => void) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    // The exit event reports the end of the process.
    socket.on('error', () => {});
  }

  /** Sends a frame. The waiting bytes are bounded: credit for streams, one event per timer, one reply. */
  send({
    kind,
    boot = 0,
    op = 0,
    id = 0,
    arg = 0,
    value = 0,
    ticksMs,
    nowMs = Number.NaN,
    payload,
  }: OutgoingFrame): void {
    const size = payload?.length ?? 0;
    if (size > FRAME_MAX_BYTES) throw new RangeError(`xs: ${size} bytes are more than a frame takes`);
    const bytes = Buffer.allocUnsafe(HEADER_BYTES + size);
    bytes.writeUInt32LE(size, 0);
    bytes.writeUInt8(kind, 4);
    bytes.writeUInt8(boot, 5);
    bytes.writeUInt16LE(op, 6);
    bytes.writeInt32LE(id, 8);
    bytes.writeInt32LE(arg, 12);
    bytes.writeDoubleLE(value, 16);
    bytes.writeDoubleLE(ticksMs, 24);
    bytes.writeDoubleLE(nowMs, 32);
    if (payload) bytes.set(payload, HEADER_BYTES);
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Closes the channel, so that the host ends. */
  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, chunk]) : chunk;
    while (bytes.length >= HEADER_BYTES) {
      const size = HEADER_BYTES + bytes.readUInt32LE(0);
      if (bytes.length < size) break;
      const frame = bytes.subarray(0, size);
      bytes = bytes.subarray(size);
      this.#onFrame(decode(frame));
    }
    this.#waiting = bytes;
  }
}

function decode(bytes: Buffer): Frame {
  return {
    kind: bytes.readUInt8(4),
    boot: bytes.readUInt8(5),
    op: bytes.readUInt16LE(6),
    id: bytes.readInt32LE(8),
    arg: bytes.readInt32LE(12),
    value: bytes.readDoubleLE(16),
    payload: bytes.subarray(HEADER_BYTES),
  };
}
