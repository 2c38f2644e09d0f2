// SPDX-License-Identifier: Apache-2.0

import type { App, AppHal } from 'fractus';
import { createApp } from './app.ts';
import { type Port, putChecksum } from './rtu.ts';

/** Time from the end of a question to the answer. */
const ANSWER_MS = 40;

/** A line with two simulated meters: one of them uses 2 kW, the other nothing most of the time. */
class FakeLine implements Port {
  readonly #hal: AppHal;
  readonly #onReadable: () => void;
  readonly #timer: ReturnType<AppHal['createTimer']>;
  #answer = new Uint8Array(0);
  #waiting = 0;

  constructor(hal: AppHal, onReadable: () => void) {
    this.#hal = hal;
    this.#onReadable = onReadable;
    this.#timer = hal.createTimer(() => {
      this.#waiting = this.#answer.length;
      this.#onReadable();
    });
  }

  read(into: Uint8Array): number | undefined {
    const count = this.#waiting;
    into.set(this.#answer.subarray(0, count));
    this.#waiting = 0;
    return count === 0 ? undefined : count;
  }

  write(question: Uint8Array): void {
    const [unit = 0, code = 0, high = 0, low = 0] = question;
    const answer = new Uint8Array(9);
    answer.set([unit, code, 4]);
    new DataView(answer.buffer).setFloat32(3, this.#value(unit, high * 256 + low));
    putChecksum(answer, 7);
    this.#answer = answer;
    this.#timer.start(ANSWER_MS);
  }

  #value(unit: number, register: number): number {
    const hours = this.#hal.clock.ticks() / 3_600_000;
    const power = unit === 1 ? 2000 + 150 * Math.sin(hours * 40) : (hours * 60) % 3 < 1 ? 11_000 : 0;
    if (register === 0x0156) return 1234 + 2 * hours;
    return register === 0 ? 230 - power / 5000 : power;
  }
}

/** The gateway with simulated meters: `npx fractus start --app examples/modbus/desk.ts`. */
export const app: App = (board) => {
  const meters = [
    { serialNumber: '18490001', name: 'Heat pump', unit: 1 },
    { serialNumber: '18490002', name: 'Wallbox', unit: 2 },
  ];
  createApp(meters, (onReadable) => new FakeLine(board.hal, onReadable))(board);
};
