// SPDX-License-Identifier: Apache-2.0
/** Stands in for `embedded:io/i2c`: a bus whose parts are registers, and faults of the wire. */

/** A part on the bus. The first byte written is where reading begins. */
export interface Part {
  write(bytes: Uint8Array): void;
  /** Fills `into` with what the part says. */
  read(into: Uint8Array): void;
}

/** `absent`: nobody answers; `low`, `high`: the data line hangs there; `slow`: clock held until the time is up. */
export type Wire = 'good' | 'absent' | 'low' | 'high' | 'slow';

/** How long the SDK's driver waits for a part. */
const TIMEOUT_MS = 400;

export const bus = {
  parts: new Map<number, Part>(),
  wire: 'good' as Wire,
  ticks: 0,
  /** Addresses that are open: the SDK refuses to open one twice. */
  open: new Set<number>(),
};

function partAt(address: number, act: string): Part | undefined {
  const part = bus.parts.get(address);
  if (bus.wire === 'slow') bus.ticks += TIMEOUT_MS;
  if (part === undefined || bus.wire === 'absent' || bus.wire === 'slow') throw new Error(`${act} failed`);
  return bus.wire === 'good' ? part : undefined;
}

function bytesOf(buffer: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
}

export default class FakeI2C {
  readonly #address: number;

  constructor({ address, data, clock, hz }: Readonly<Record<string, number>>) {
    if (data !== 21 || clock !== 22 || address === undefined || !(hz as number)) throw new RangeError('required');
    if (bus.open.has(address)) throw new RangeError('duplicate address');
    bus.open.add(address);
    this.#address = address;
  }

  write(buffer: ArrayBuffer | ArrayBufferView): void {
    partAt(this.#address, 'write')?.write(bytesOf(buffer).slice());
  }

  read(what: number | ArrayBuffer | ArrayBufferView): number | ArrayBuffer {
    const into = bytesOf(typeof what === 'number' ? new ArrayBuffer(what) : what);
    const part = partAt(this.#address, 'read');
    if (part === undefined) into.fill(bus.wire === 'low' ? 0 : 0xff);
    else part.read(into);
    return typeof what === 'number' ? (into.buffer as ArrayBuffer) : into.length;
  }

  writeRead(bytes: ArrayBuffer | ArrayBufferView, what: number | ArrayBuffer | ArrayBufferView): number | ArrayBuffer {
    this.write(bytes);
    return this.read(what);
  }

  close(): void {
    bus.open.delete(this.#address);
  }
}
