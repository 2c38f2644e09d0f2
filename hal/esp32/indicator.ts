// SPDX-License-Identifier: Apache-2.0

import type { Indicator, Timer } from '../hal.ts';
import { isPin } from './sensors/connect.ts';

type State = Parameters<Indicator['show']>[0];

/** Milliseconds on and off, in turn; an empty list is always on. */
const PATTERNS: Readonly<Record<State, readonly number[]>> = {
  offline: [100, 900],
  waiting: [500, 500],
  online: [],
  busy: [100, 100],
  fault: [100, 100, 100, 100, 100, 1500],
};

export interface Esp32IndicatorOptions {
  /** Switches the light. */
  light(on: boolean): void;
  createTimer(onTimeout: () => void): Timer;
}

/** Shows the state as the blink pattern of one light; docs/flash.md explains the patterns. */
export class Esp32Indicator implements Indicator {
  readonly #light: (on: boolean) => void;
  readonly #timer: Timer;
  #pattern: readonly number[] | undefined;
  #step = 0;

  constructor({ light, createTimer }: Esp32IndicatorOptions) {
    this.#light = light;
    this.#timer = createTimer(() => this.#next());
  }

  show(state: State): void {
    const pattern = PATTERNS[state];
    if (pattern === this.#pattern) return;
    this.#pattern = pattern;
    this.#step = -1;
    this.#timer.stop();
    this.#next();
  }

  #next(): void {
    const pattern = this.#pattern as readonly number[];
    this.#step = this.#step + 1 >= pattern.length ? 0 : this.#step + 1;
    const durationMs = pattern[this.#step];
    this.#light(this.#step % 2 === 0);
    if (durationMs !== undefined) this.#timer.start(durationMs);
  }
}

/** Reads the key `led`: a pin, with `,low` when a low level lights it. Undefined for any other text. */
export function readLed(text: unknown): { pin: number; activeLow: boolean } | undefined {
  const [, pin, low] = typeof text === 'string' ? (/^(\d{1,2})(,low)?$/.exec(text) ?? []) : [];
  return isPin(pin) ? { pin: Number(pin), activeLow: low !== undefined } : undefined;
}
