// SPDX-License-Identifier: Apache-2.0
/** A board at a serial port, with the console and Improv that a board has: each restart is a new start on the same values. */

import { Console } from '../../hal/esp32/console/console.ts';
import { Improv } from '../../hal/esp32/console/improv.ts';
import { FakeMachine } from '../../hal/fake/machine.ts';
import { utf8 } from '../../src/bytes/text.ts';
import { MemoryValues } from './memory-values.ts';

export class SerialBoard {
  readonly values = new MemoryValues();
  readonly machine = new FakeMachine({ board: { mac: '0200000000ab' } });
  /** What the console got. */
  typed = '';
  restarts = 0;
  networkUp = false;
  /** All that it has said. */
  said = '';
  #improv: Improv | undefined;
  #toPage: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly port = {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#toPage = controller;
      },
    }),
    writable: new WritableStream<Uint8Array>({ write: (bytes) => this.take(bytes) }),
  };

  constructor() {
    this.start();
  }

  start(): void {
    const hal = this.machine.hal === undefined ? this.machine.boot() : this.machine.reboot();
    const board = this;
    const network = {
      get up() {
        return board.networkUp;
      },
    };
    const restart = () => {
      board.restarts += 1;
      board.say('rst:0x3 …\r\ninfo: fractus starts\r\n');
      queueMicrotask(() => board.start());
    };
    const createTimer = (onTimeout: () => void) => hal.createTimer(onTimeout);
    const own = Object.assign(Object.create(hal), { network, restart, createTimer });
    const { values } = this;
    const console = new Console({ hal: own, manifest: {}, values, write: (text) => this.say(text) });
    this.#improv = new Improv({
      ...{ hal: own, values, deviceId: 'barn', url: 'https://example.cumulocity.com' },
      send: (bytes) => this.#send(bytes),
      onOthers: (bytes) => {
        this.typed += Buffer.from(bytes).toString('latin1');
        console.take(bytes);
      },
    });
  }

  say(text: string): void {
    this.#send(utf8(text));
  }

  take(bytes: Uint8Array): void {
    this.#improv?.take(bytes);
  }

  unplug(): void {
    this.#toPage?.error(new Error('the device has been lost'));
  }

  #send(bytes: Uint8Array): void {
    this.said += Buffer.from(bytes).toString('latin1');
    this.#toPage?.enqueue(bytes);
  }
}
