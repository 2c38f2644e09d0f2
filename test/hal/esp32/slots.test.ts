import test from 'ava';
import { type FirmwareIo, openFirmware } from '../../../hal/esp32/firmware.ts';
import { Esp32Indicator } from '../../../hal/esp32/indicator.ts';
import { Esp32Modules } from '../../../hal/esp32/modules.ts';
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

test('firmware: a board with one place for it has no slots; a bootloader that keeps nothing no trial', (t) => {
  const { scene, io } = createIo(-1);
  scene.fails = 'next';
  t.is(openFirmware(io), undefined);
  scene.fails = 'invalid';
  const firmware = openFirmware(io);
  t.false(firmware?.onTrial);
  t.true(firmware?.rolledBack);
});

/** A partition of NOR flash: writing only clears bits. */
function createPartition() {
  const bytes = new Uint8Array(16_384).fill(0xff);
  const scene = { bytes, writesLeft: Infinity };
  return {
    scene,
    partition: {
      status: () => ({ size: bytes.length, blockLength: 4096 }),
      eraseBlock: (from: number, to = from + 1) => void bytes.fill(0xff, from * 4096, to * 4096),
      read: (count: number, at: number) => bytes.slice(at, at + count).buffer,
      write(from: Uint8Array, at: number) {
        scene.writesLeft -= 1;
        if (scene.writesLeft < 0) throw new Error('write failed');
        for (let i = 0; i < from.length; i++) bytes[at + i] = (bytes[at + i] as number) & (from[i] as number);
      },
    },
  };
}

function archive(length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => i & 0xff);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set([0x58, 0x53, 0x5f, 0x41], 4);
  return bytes;
}

/** Installs in pieces of `step` bytes; true when all of it was taken. */
function install(modules: Esp32Modules, bytes: Uint8Array, step: number): boolean {
  const installation = modules.install(bytes.length);
  for (let at = 0; at < bytes.length; at += step) {
    if (installation?.write(bytes, at, Math.min(at + step, bytes.length)) !== true) {
      installation?.abort();
      return false;
    }
  }
  return installation?.complete() ?? false;
}

for (const step of [1, 3, 8, 100, 5000]) {
  test(`modules: an archive in pieces of ${step} bytes lies there as it is`, (t) => {
    const { scene, partition } = createPartition();
    const modules = new Esp32Modules(partition);
    t.false(modules.installed);
    const first = archive(5000);
    t.true(install(modules, first, step));
    t.true(modules.installed);
    t.deepEqual(scene.bytes.slice(0, 5000), first);
    const second = archive(300).fill(7, 8);
    t.true(install(modules, second, step));
    t.deepEqual(scene.bytes.slice(0, 300), second);
    t.true(modules.remove());
    t.false(modules.installed);
  });
}

test('modules: a cut at any write leaves the archive as a whole or none', (t) => {
  const bytes = archive(1000);
  for (let writes = 0; writes <= 10; writes++) {
    const { scene, partition } = createPartition();
    const modules = new Esp32Modules(partition);
    t.true(install(modules, archive(2000), 500));
    scene.writesLeft = writes;
    const done = install(modules, bytes, 100);
    const after = new Esp32Modules(partition);
    t.is(after.installed, done, `after ${writes} writes`);
    if (done) t.deepEqual(scene.bytes.slice(0, 1000), bytes);
  }
});

test('modules: what is no archive, or not as long as it says, is none', (t) => {
  const { partition } = createPartition();
  const modules = new Esp32Modules(partition);
  const wrongMagic = archive(100);
  wrongMagic[7] = 0;
  t.false(install(modules, wrongMagic, 10));
  const wrongLength = archive(100);
  wrongLength[3] = 99;
  t.false(install(modules, wrongLength, 10));
  t.false(modules.installed);
  for (const length of [0, 8, 16_385, NaN]) t.is(modules.install(length), undefined);
  const one = modules.install(100);
  t.is(modules.install(100), undefined);
  t.false(modules.remove());
  one?.abort();
  t.false(one?.write(wrongMagic, 0, 1));
  t.true(modules.remove());
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
