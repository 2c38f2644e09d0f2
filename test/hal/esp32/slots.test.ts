// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type FirmwareIo, openFirmware } from '../../../hal/esp32/firmware.ts';
import { Esp32Indicator } from '../../../hal/esp32/indicator.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';

/** The SDK's update module and ESP-IDF's view of the slots, as far as they are told. */
function createIo(state = 2) {
  const scene = { written: [] as number[], open: 0, completed: 0, fails: '', state, confirms: 0, rollBacks: 0 };
  const fail = (what: string) => {
    if (scene.fails === what) throw new Error(`${what} failed`);
  };
  const io: FirmwareIo = {
    nextBytes() {
      fail('next');
      return 1_835_008;
    },
    open() {
      fail('begin');
      scene.open += 1;
      return {
        write(bytes) {
          fail('write');
          scene.written.push(...bytes);
        },
        complete() {
          fail('end');
          scene.completed += 1;
        },
        close() {
          scene.open -= 1;
          fail('close');
        },
      };
    },
    state: () => scene.state,
    hasInvalid: () => scene.fails === 'invalid',
    confirm() {
      scene.confirms += 1;
      return scene.fails === 'confirm' ? -1 : 0;
    },
    rollBack() {
      scene.rollBacks += 1;
      return -1;
    },
  };
  return { scene, io };
}

const IMAGE = Uint8Array.from({ length: 50 }, (_, i) => i);

test('firmware: a whole image goes to the update module, and is closed', (t) => {
  const { scene, io } = createIo();
  const installation = openFirmware(io)?.install(50);
  t.true(installation?.write(IMAGE, 0, 20));
  t.true(installation?.write(IMAGE, 20, 50));
  t.true(installation?.complete());
  t.deepEqual(scene.written, [...IMAGE]);
  t.is(scene.completed, 1);
  t.is(scene.open, 0);
  t.false(installation?.complete());
});

for (const [fails, steps] of [
  ['begin', 'refused'],
  ['write', 'not written'],
  ['end', 'not complete'],
  ['close', 'good'],
] as const) {
  test(`firmware: where ${fails} fails it is ${steps}, nothing is thrown and the next can come`, (t) => {
    const { scene, io } = createIo();
    const firmware = openFirmware(io);
    scene.fails = fails;
    const installation = firmware?.install(50);
    t.is(installation === undefined, steps === 'refused');
    if (installation !== undefined) {
      t.is(installation.write(IMAGE, 0, 50), steps !== 'not written');
      t.is(installation.complete(), steps === 'good');
    }
    t.is(scene.open, 0);
    scene.fails = '';
    t.not(firmware?.install(50), undefined);
  });
}

test('firmware: trial, confirmation and return as the bootloader says', (t) => {
  const trial = createIo(1);
  const firmware = openFirmware(trial.io);
  t.true(firmware?.onTrial);
  t.is(firmware?.install(50), undefined);
  trial.scene.fails = 'confirm';
  t.false(firmware?.confirm());
  t.true(firmware?.onTrial);
  firmware?.rollBack();
  t.is(trial.scene.rollBacks, 1);
  trial.scene.fails = '';
  t.true(firmware?.confirm());
  t.false(firmware?.onTrial);
  t.true(firmware?.confirm());
  t.is(trial.scene.confirms, 2);
  firmware?.rollBack();
  t.is(trial.scene.rollBacks, 1);
});

test('firmware: whether the bootloader can bring one back, by the state of the running one and by the build', (t) => {
  for (const [state, cannotReturn] of [
    [-2, true], // The build has no trial.
    [-1, false], // It was flashed.
    [0, true], // The bootloader has left it as new.
    [1, false],
    [2, false],
  ] as const)
    t.is(openFirmware(createIo(state).io)?.cannotReturn, cannotReturn, `${state}`);
});

test('firmware: a board with one place for it has no slots; one that was flashed is not on trial', (t) => {
  const { scene, io } = createIo(-1);
  scene.fails = 'next';
  t.is(openFirmware(io), undefined);
  scene.fails = 'invalid';
  const firmware = openFirmware(io);
  t.false(firmware?.onTrial);
  t.true(firmware?.rolledBack);
});

test('the light: each state has its own rhythm, and shows from the beginning', (t) => {
  const time = new VirtualTime();
  const lit: [number, boolean][] = [];
  const createTimer = (onTimeout: () => void) => {
    let running: { cancel(): void } | undefined;
    return {
      start: (ms: number) => {
        running?.cancel();
        running = time.schedule(ms, onTimeout);
      },
      stop: () => running?.cancel(),
    };
  };
  const indicator = new Esp32Indicator({ light: (on) => lit.push([time.nowMs, on]), createTimer });
  indicator.show('offline');
  time.run(1500);
  t.deepEqual(lit.splice(0), [
    [0, true],
    [100, false],
    [1000, true],
    [1100, false],
  ]);
  indicator.show('offline');
  t.deepEqual(lit, []);
  indicator.show('online');
  time.run(10_000);
  t.deepEqual(lit.splice(0), [[1500, true]]);
  indicator.show('fault');
  time.run(1999);
  t.is(lit.filter(([, on]) => on).length, 3);
});
