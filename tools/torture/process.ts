// SPDX-License-Identifier: Apache-2.0
/** A board in a process of its own, which is killed with `kill -9`, and waiting for what it does. */

import { type ChildProcess, spawn } from 'node:child_process';

const PATIENCE_MS = 60_000;

export class BoardProcess {
  /** Times of the kills, by the machine's clock. */
  readonly kills: number[] = [];
  readonly #path: string;
  readonly #orders: string;
  #child: ChildProcess | undefined;
  /** Since its last start. */
  #output = '';
  #startMs = 0;

  /** @param path the program, which reads `orders` as JSON from its only argument */
  constructor(path: string, orders: object) {
    this.#path = path;
    this.#orders = JSON.stringify(orders);
  }

  /** The end of what it has said since its last start. */
  get output(): string {
    return this.#output;
  }

  /** The time of its last start, by the machine's clock. */
  get startMs(): number {
    return this.#startMs;
  }

  start(): void {
    this.#output = '';
    this.#startMs = Date.now();
    const child = spawn(process.execPath, [this.#path, this.#orders], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // The process leads its own group.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = `${this.#output}${text}`.slice(-4000);
      });
    }
    this.#child = child;
  }

  /** Kills the board with its engine; false: it does not run. */
  kill(): boolean {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null) return false;
    this.kills.push(Date.now());
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The process had already ended.
    }
    return true;
  }

  async ended(): Promise<void> {
    await this.until(() => this.#child?.exitCode !== null || this.#child.signalCode !== null, 'the end of the board');
  }

  /** @throws Error with the board's output when the condition does not hold within a minute */
  async until(condition: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!condition()) {
      if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}\n${this.#output}`);
      await pause(20);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
