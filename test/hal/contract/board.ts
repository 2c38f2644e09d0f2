// SPDX-License-Identifier: Apache-2.0

import { ascii, assert, type Check, equal, equalBytes, throwsRangeError } from './scene.ts';

const RESET_CAUSES = ['power-on', 'software', 'watchdog', 'panic', 'brownout', 'deep-sleep', 'unknown'];

/** Name and text of the resource that every harness provides. */
export const RESOURCE = { name: 'greeting', text: 'What came with the firmware.' };

/** Board, clock, randomness, resources, log, sensors and actuators. */
export const boardChecks: readonly Check[] = [
  {
    name: 'clock: the time is unknown until it is set',
    async run({ hal }) {
      equal(hal.clock.now(), undefined, 'now() before set()');
    },
  },
  {
    name: 'clock: goes on from what was set, also backwards, and leaves the ticks alone',
    async run(scene) {
      const { hal } = scene;
      const before = hal.clock.ticks();
      for (const epochMs of [Date.UTC(2040, 0, 1), Date.UTC(2026, 0, 1)]) {
        hal.clock.set(epochMs);
        const now = hal.clock.now() ?? 0;
        assert(now >= epochMs && now < epochMs + 5000, `now() is ${now} after set(${epochMs})`);
      }
      assert(hal.clock.ticks() - before < 5000, 'set() moved the ticks');
      const [ticks, now] = [hal.clock.ticks(), hal.clock.now() ?? 0];
      await scene.settle();
      const [ticksPassed, passed] = [hal.clock.ticks() - ticks, (hal.clock.now() ?? 0) - now];
      assert(passed > 0, 'now() stands still');
      assert(Math.abs(passed - ticksPassed) <= 100, `now() went ${passed} ms on while ticks() went ${ticksPassed}`);
    },
  },
  {
    name: 'clock: a time that is none is a RangeError',
    async run({ hal }) {
      for (const epochMs of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
        throwsRangeError(() => hal.clock.set(epochMs), `set(${epochMs})`);
      }
    },
  },
  {
    name: 'clock: ticks never go back',
    async run(scene) {
      const { hal } = scene;
      let last = hal.clock.ticks();
      for (let round = 0; round < 1000; round++) {
        const ticks = hal.clock.ticks();
        assert(ticks >= last, `${ticks} after ${last}`);
        last = ticks;
      }
      await scene.settle();
      assert(hal.clock.ticks() > last, 'ticks stand still');
    },
  },
  {
    name: 'board: says what it is',
    async run({ hal: { board } }) {
      assert(/^[0-9a-f]{12}$/.test(board.mac), `MAC ${board.mac}`);
      for (const text of [
        board.model,
        board.revision,
        board.serialNumber,
        board.firmware.name,
        board.firmware.version,
      ]) {
        assert(typeof text === 'string' && text !== '', 'something about the board is empty');
      }
      assert(Number.isInteger(board.bootCount) && board.bootCount >= 1, `boot count ${board.bootCount}`);
      assert(RESET_CAUSES.includes(board.resetCause), `reset cause ${board.resetCause}`);
      assert(board.firmware.buildTimeMs >= 0, `build time ${board.firmware.buildTimeMs}`);
      for (const bytes of [board.freeBytes(), board.largestFreeBlockBytes()]) {
        assert(bytes === undefined || bytes > 0, `${bytes} bytes free`);
      }
    },
  },
  {
    name: 'random: numbers in [0, 1), not always the same',
    async run({ hal }) {
      let least = 1;
      let most = 0;
      for (let round = 0; round < 200; round++) {
        const value = hal.random();
        assert(value >= 0 && value < 1, `random() gave ${value}`);
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      assert(most - least > 0.5, `200 numbers lie between ${least} and ${most}`);
    },
  },
  {
    name: 'secureRandom: fills all of the view and nothing else',
    async run({ hal }) {
      const bytes = new Uint8Array(72);
      hal.secureRandom(bytes.subarray(4, 68));
      assert(bytes.subarray(0, 4).every(isZero) && bytes.subarray(68).every(isZero), 'it wrote outside of the view');
      for (let from = 4; from < 68; from += 16) {
        assert(!bytes.subarray(from, from + 16).every(isZero), 'it left a part empty');
      }
      hal.secureRandom(new Uint8Array(0));
    },
  },
  {
    name: 'resource: bytes by name, undefined for others',
    async run({ hal }) {
      equalBytes(hal.resource(RESOURCE.name), ascii(RESOURCE.text), RESOURCE.name);
      for (const name of ['nothing', '', 'constructor', '__proto__', '../greeting']) {
        equal(hal.resource(name), undefined, `resource(${name})`);
      }
    },
  },
  {
    name: 'log: takes every level and any text',
    async run({ hal }) {
      hal.log('info', 'contract: an ordinary line');
      hal.log('warn', 'contract: ümläute, 温度, 🌡');
      hal.log('error', '');
    },
  },
  {
    name: 'onLog: tells each line as it is shown, to the latest listener',
    async run({ hal }) {
      const told: string[] = [];
      hal.onLog(() => told.push('the earlier listener'));
      hal.onLog((level, line) => told.push(`${level} ${line}`));
      hal.log('warn', 'contract: one line\nand no other');
      hal.log('info', '');
      hal.onLog(() => {});
      hal.log('info', 'contract: nobody is told');
      equal(told.join('|'), 'warn contract: one line\\u000aand no other|info ', 'what was told');
    },
  },
  {
    name: 'sensors: give finite numbers, or nothing, each time',
    async run({ hal }) {
      for (let round = 0; round < 3; round++) {
        for (const name of Object.keys(hal.sensors)) {
          const sample = hal.sensors[name]?.sample() ?? {};
          for (const key of Object.keys(sample)) {
            assert(Number.isFinite(sample[key]), `${name}.${key} is ${String(sample[key])}`);
          }
        }
      }
    },
  },
  {
    name: 'actuators: take 0 to 1',
    async run({ hal }) {
      for (const name of Object.keys(hal.actuators)) {
        const actuator = hal.actuators[name];
        actuator?.write(1);
        actuator?.write(0);
        for (const value of [-1, 2, Number.NaN]) throwsRangeError(() => actuator?.write(value), `${name}: ${value}`);
      }
    },
  },
  {
    name: 'indicator and watchdog: work where there are any',
    async run({ hal }) {
      for (const state of ['offline', 'waiting', 'online', 'busy', 'fault'] as const) hal.indicator?.show(state);
      hal.watchdog?.feed();
      assert(hal.watchdog === undefined || hal.watchdog.periodMs > 0, 'the period of the watchdog');
    },
  },
];

function isZero(byte: number): boolean {
  return byte === 0;
}
