import { checkDelay } from '../common/checks.ts';
import type { Timer } from '../hal.ts';
import { Op } from './protocol.ts';

/** A timer of the parent. Each start is a new run, so that a call that is under way when it is stopped is not heard. */
export class XsTimer implements Timer {
  readonly #id: number;
  readonly #onTimeout: () => void;
  #run = 0;
  #running = false;

  constructor(id: number, onTimeout: () => void) {
    this.#id = id;
    this.#onTimeout = onTimeout;
  }

  start(delayMs: number): void {
    checkDelay(delayMs);
    this.#run = (this.#run + 1) & 0x3fffffff;
    this.#running = true;
    xsHost.send(Op.TimerStart, this.#id, this.#run, delayMs);
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    xsHost.send(Op.TimerStop, this.#id, 0);
  }

  fired(run: number): void {
    if (!this.#running || run !== this.#run) return;
    this.#running = false;
    this.#onTimeout();
  }
}
