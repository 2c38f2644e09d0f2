// SPDX-License-Identifier: Apache-2.0
/** A recorded life: all of its messages, and the displayed moment. */

import type { Message } from '../tools/platform/messages.ts';

export const SPEEDS = [1, 10, 60, 600];
const TICK_MS = 100;

/** A planned fault, and the time at which it struck. */
export interface Strike {
  readonly fault: string;
  /** Time since the beginning, in ms. */
  readonly atMs: number;
}

export class Replay {
  /** The command that repeats it. */
  readonly title: string;
  readonly strikes: Strike[] = [];
  verdict: { readonly held: boolean; readonly text: string } | undefined;
  isComplete = false;
  isPlaying = false;
  speed = 10;
  /** The displayed moment, in ms since the beginning. */
  atMs = 0;
  readonly #messages: Message[] = [];
  readonly #show: (message: Message) => void;
  /** Number of shown messages. */
  #shown = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param show called with one message after the other; the first is a `reset`, which clears everything */
  constructor(title: string, show: (message: Message) => void) {
    this.title = title;
    this.#show = show;
  }

  get startMs(): number {
    return this.#messages[0]?.timeMs ?? 0;
  }

  get lengthMs(): number {
    return (this.#messages.at(-1)?.timeMs ?? 0) - this.startMs;
  }

  /** Adds the next message, as it arrives. */
  add(message: Message): void {
    this.#messages.push(message);
    if (message.kind === 'struck') this.strikes.push({ fault: message.fault, atMs: message.timeMs - this.startMs });
    if (message.kind === 'verdict') this.verdict = message;
    if (message.kind === 'live') this.isComplete = true;
  }

  /** Shows this moment: everything until then has happened, and nothing later. */
  seek(atMs: number): void {
    if (atMs < this.atMs) this.#shown = 0;
    this.atMs = Math.min(Math.max(0, atMs), this.lengthMs);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next.timeMs - this.startMs > this.atMs) break;
      this.#shown += 1;
      this.#show(next);
    }
    if (this.atMs >= this.lengthMs) this.pause();
  }

  /** Moves to the next moment with a sentence or an exchange, or to the one before. */
  step(direction: 1 | -1): void {
    this.pause();
    const moments = this.#messages
      .filter(({ kind, told }) => told !== undefined || kind === 'exchange')
      .map(({ timeMs }) => timeMs - this.startMs);
    const target =
      direction > 0 ? moments.find((each) => each > this.atMs) : moments.filter((each) => each < this.atMs).at(-1);
    this.seek(target ?? (direction > 0 ? this.lengthMs : 0));
  }

  play(): void {
    if (this.atMs >= this.lengthMs) this.seek(0);
    this.isPlaying = true;
    let lastMs = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.seek(this.atMs + (nowMs - lastMs) * this.speed);
      lastMs = nowMs;
    }, TICK_MS);
  }

  pause(): void {
    this.isPlaying = false;
    clearInterval(this.#timer);
  }

  #next(): Message | undefined {
    return this.#messages[this.#shown];
  }
}
