// SPDX-License-Identifier: Apache-2.0

import type { Hal, LogLevel } from '../../../hal/hal.ts';

/** A board with nothing on it: timers that the test fires, and a record of what is logged. */
export class BareBoard {
  readonly lines: string[] = [];
  /** By the order of creation; each call is one event in XS. */
  readonly timers: (() => void)[] = [];
  readonly restarts: string[] = [];
  nowMs: number | undefined;
  ticksMs = 0;

  readonly hal: Hal = {
    board: {
      model: 'bare',
      revision: '1',
      serialNumber: 'bare-1',
      mac: '0123456789ab',
      firmware: { name: 'test', version: '1.0.0', buildTimeMs: 0 },
      bootCount: 1,
      resetCause: 'power-on',
      freeBytes: () => undefined,
      largestFreeBlockBytes: () => undefined,
    },
    clock: {
      ticks: () => this.ticksMs,
      now: () => this.nowMs,
      set: (epochMs) => {
        this.nowMs = epochMs;
      },
    },
    network: {
      up: true,
      address: undefined,
      signalDbm: undefined,
      onChange: () => {},
      reset: () => {},
      connect: () => ({ read: () => 0, write: () => 0, close: () => {} }),
    },
    store: { get: () => undefined, set: () => true, delete: () => true, keys: () => [], freeBytes: () => 0 },
    sensors: {},
    actuators: {},
    createTimer: (onTimeout) => {
      this.timers.push(onTimeout);
      return { start: () => {}, stop: () => {} };
    },
    random: () => 0.5,
    secureRandom: (into) => void into.fill(7),
    resource: () => undefined,
    log: (level: LogLevel, line: string) => void this.lines.push(`${level} ${line}`),
    onLog: () => {},
    restart: (reason) => void this.restarts.push(reason),
  };
}
