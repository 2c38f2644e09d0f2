// SPDX-License-Identifier: Apache-2.0

import type { Timer } from '../../../hal/hal.ts';
import { assert, type Check, equal, type Scene, throwsRangeError } from './scene.ts';

/** Longer than what 31 bits, 32 bits and 2^53 of milliseconds hold. */
const LONG_DELAYS_MS = [2 ** 31 - 1, 2 ** 31 + 1, 2 ** 32 + 1, 90 * 86_400_000, 2 ** 53];

export const timerChecks: readonly Check[] = [
  {
    name: 'timer: calls once, not inside start and not before the delay',
    async run(scene) {
      for (const delayMs of [0, 1, 3, 25, 0.5]) {
        const watch = new Watch(scene);
        const startedAt = scene.hal.clock.ticks();
        watch.start(delayMs);
        await scene.until(`${delayMs} ms`, () => watch.count > 0);
        assert(scene.hal.clock.ticks() - startedAt >= Math.floor(delayMs), `${delayMs} ms were too short`);
        await scene.settle();
        equal(watch.count, 1, `calls of a timer of ${delayMs} ms`);
      }
    },
  },
  {
    name: 'timer: stop() and a new start() take back what was asked for',
    async run(scene) {
      const stopped = new Watch(scene);
      const restarted = new Watch(scene);
      stopped.timer.stop();
      stopped.start(5);
      stopped.timer.stop();
      stopped.timer.stop();
      restarted.start(5);
      restarted.start(2 ** 40);
      await scene.settle();
      equal(stopped.count, 0, 'calls of a stopped timer');
      equal(restarted.count, 0, 'calls of a timer that was put off');
      restarted.start(1);
      stopped.start(1);
      await scene.until('both', () => restarted.count === 1 && stopped.count === 1);
    },
  },
  {
    name: 'timer: may be started and stopped in its own callback and in that of another',
    async run(scene) {
      const first = new Watch(scene);
      const second = new Watch(scene);
      first.onTimeout = () => {
        if (first.count < 3) first.start(1);
        second.timer.stop();
      };
      first.start(0);
      second.start(2 ** 20);
      await scene.until('three calls', () => first.count === 3);
      await scene.settle();
      equal(first.count, 3, 'calls of the first');
      equal(second.count, 0, 'calls of the second');
    },
  },
  {
    name: 'timer: several at once, in the order in which they are due',
    async run(scene) {
      const order: number[] = [];
      for (const delayMs of [60, 0, 30]) {
        const watch = new Watch(scene);
        watch.onTimeout = () => order.push(delayMs);
        watch.start(delayMs);
      }
      await scene.until('three calls', () => order.length === 3);
      equal(order.join(), '0,30,60', 'order');
    },
  },
  {
    name: 'timer: delays of days and years do not wrap round',
    async run(scene) {
      const watches = LONG_DELAYS_MS.map((delayMs) => {
        const watch = new Watch(scene);
        watch.start(delayMs);
        return watch;
      });
      await scene.settle();
      for (const watch of watches) {
        watch.timer.stop();
        equal(watch.count, 0, 'calls of a long timer');
      }
    },
  },
  {
    name: 'timer: is not moved by the clock being set',
    async run(scene) {
      const far = new Watch(scene);
      const near = new Watch(scene);
      far.start(3_600_000);
      near.start(10);
      scene.hal.clock.set(Date.UTC(2060, 0, 1));
      await scene.until('the near one', () => near.count === 1);
      equal(far.count, 0, 'calls of the far one');
      far.timer.stop();
    },
  },
  {
    name: 'timer: a delay out of range is a RangeError',
    async run(scene) {
      const watch = new Watch(scene);
      for (const delayMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2]) {
        throwsRangeError(() => watch.start(delayMs), `start(${delayMs})`);
      }
      await scene.settle();
      equal(watch.count, 0, 'calls');
    },
  },
];

class Watch {
  readonly timer: Timer;
  count = 0;
  onTimeout: () => void = () => {};
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.timer = scene.hal.createTimer(() => {
      scene.callback('onTimeout', () => {
        this.count += 1;
        this.onTimeout();
      });
    });
  }

  start(delayMs: number): void {
    this.#scene.call(() => this.timer.start(delayMs));
  }
}
