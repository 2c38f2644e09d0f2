// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Sensor, StreamHandler, Timer } from '../../../hal/hal.ts';
import { createXsHal, type XsHal } from '../../../hal/xs/xs.ts';

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

// At module level, so that they lie in flash.
const HEAD = ascii('POST /measurement/measurements HTTP/1.1\r\nhost: board\r\ncontent-length: 4\r\n\r\n');
const END_OF_HEAD = ascii('\r\n\r\n');

/** All that a measurement takes of a HAL: a sample, a request and its response, a timer, the clock. */
class Agent implements StreamHandler {
  readonly #hal: XsHal;
  readonly #sensor: Sensor | undefined;
  readonly #stream: ByteStream;
  readonly #timer: Timer;
  readonly #buffer = new Uint8Array(1024);
  #received = 0;
  #sent = 0;
  #requestLength = 0;
  #busySince = 0;

  constructor(hal: XsHal) {
    this.#hal = hal;
    this.#sensor = hal.sensors['thermometer'];
    this.#timer = hal.createTimer(() => this.#post());
    this.#stream = hal.network.connect({ host: '127.0.0.1', port: Number(hal.config['port']) }, this);
  }

  onOpen(): void {}

  onWritable(): void {
    if (this.#requestLength === 0) this.#timer.start(0);
    else this.#send();
  }

  onReadable(): void {
    this.#received += this.#stream.read(this.#buffer, this.#received, this.#buffer.length);
    // The body is two bytes.
    const end = this.#buffer.indexOf(END_OF_HEAD[0] ?? 0);
    if (end < 0 || this.#buffer[this.#received - 2] !== 0x6f || this.#buffer[this.#received - 1] !== 0x6b) return;
    this.#received = 0;
    if (this.#hal.clock.ticks() >= this.#busySince) this.#timer.start(0);
  }

  onEnd(): void {
    this.#hal.log('error', 'end');
  }

  onError(kind: string): void {
    this.#hal.log('error', kind);
  }

  #post(): void {
    const value = this.#sensor?.sample()?.['temperature'] as number;
    this.#busySince = this.#hal.clock.ticks();
    this.#timer.start(60_000);
    const buffer = this.#buffer;
    buffer.set(HEAD);
    let at = HEAD.length;
    for (let tens = 1000; tens >= 1; tens /= 10) buffer[at++] = 0x30 + (Math.floor(value / tens) % 10);
    this.#requestLength = at;
    this.#sent = 0;
    this.#send();
  }

  /** The rest goes with the next window. */
  #send(): void {
    this.#sent += this.#stream.write(this.#buffer, this.#sent, this.#requestLength);
  }
}

export function main(): void {
  new Agent(createXsHal());
}
