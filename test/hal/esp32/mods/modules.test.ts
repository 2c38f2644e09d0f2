// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readArchiveId } from '../../../../hal/esp32/mods/archive.ts';
import { Esp32Modules, settleModules } from '../../../../hal/esp32/mods/modules.ts';
import type { PartitionIo } from '../../../../hal/esp32/platform.ts';
import { archive, createMd5, idOf } from '../../../support/mod-archives.ts';

const BLOCK_BYTES = 4096;
const BYTES = 4 * BLOCK_BYTES;
const HALF_BYTES = BYTES / 2;
/** Before the copy there is whether it is new. */
const CAPACITY_BYTES = HALF_BYTES - 8;

/** A partition of NOR flash: writing only clears bits. What changes it can be cut off. */
function createPartition() {
  const bytes = new Uint8Array(BYTES).fill(0xff);
  const scene = { bytes, changesLeft: Infinity };
  const change = () => {
    scene.changesLeft -= 1;
    if (scene.changesLeft < 0) throw new Error('the power is gone');
  };
  return {
    scene,
    partition: {
      status: () => ({ size: BYTES, blockLength: BLOCK_BYTES }),
      eraseBlock(from: number, to = from + 1) {
        for (let block = from; block < to; block++) {
          change();
          bytes.fill(0xff, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
        }
      },
      read: (count: number, at: number) => bytes.slice(at, at + count).buffer as ArrayBuffer,
      write(from: Uint8Array, at: number) {
        change();
        for (let i = 0; i < from.length; i++) bytes[at + i] = (bytes[at + i] as number) & (from[i] as number);
      },
    },
  };
}

function open(partition: PartitionIo): Esp32Modules {
  return new Esp32Modules({ partition, createMd5 });
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
  test(`an archive in pieces of ${step} bytes is there from the next start on, as it is`, (t) => {
    const { scene, partition } = createPartition();
    const modules = open(partition);
    t.false(modules.installed);
    t.is(settleModules(partition), undefined);
    const first = archive(5000, 1);
    t.true(install(modules, first, step));
    t.true(modules.installed);
    t.is(readArchiveId(partition), undefined, 'not yet');
    t.is(settleModules(partition), true);
    t.is(settleModules(partition), undefined, 'once is enough');
    t.deepEqual(scene.bytes.slice(0, 5000), first);
    t.is(readArchiveId(partition), idOf(first));
    const second = archive(300, 2);
    t.true(install(modules, second, step));
    t.deepEqual(scene.bytes.slice(0, 5000), first, 'what runs does not change');
    t.is(settleModules(partition), true);
    t.deepEqual(scene.bytes.slice(0, 300), second);
    t.true(modules.remove());
    t.false(modules.installed);
    t.is(readArchiveId(partition), idOf(second), 'what runs does not change');
    t.is(settleModules(partition), true);
    t.is(readArchiveId(partition), undefined);
    t.is(settleModules(partition), undefined);
  });
}

test('a cut at any moment of an installation leaves the archive before it, or the new one', (t) => {
  const [before, next] = [archive(2000, 1), archive(5000, 2)];
  for (let changes = 0; ; changes++) {
    const { scene, partition } = createPartition();
    t.true(install(open(partition), before, 500));
    t.true(settleModules(partition));
    scene.changesLeft = changes;
    const taken = install(open(partition), next, 1000);
    const settled = taken && settleModules(partition);
    const finished = scene.changesLeft > 0;
    // Starts that are cut, too, and at last one that is not.
    for (let left = 0; left < 4; left++) {
      scene.changesLeft = left;
      settleModules(partition);
    }
    scene.changesLeft = Infinity;
    const after = open(partition);
    t.true(after.installed);
    t.not(settleModules(partition), false);
    const expected = taken ? next : before;
    t.is(readArchiveId(partition), idOf(expected), `after ${changes} changes`);
    t.deepEqual(scene.bytes.slice(0, expected.length), expected);
    if (finished) {
      t.true(settled);
      break;
    }
  }
});

test('flash that refuses at a start: it is said, and the next start does it', (t) => {
  const { scene, partition } = createPartition();
  t.true(install(open(partition), archive(1000), 100));
  scene.changesLeft = 0;
  t.is(settleModules(partition), false);
  scene.changesLeft = Infinity;
  t.is(settleModules(partition), true);
});

test('bytes that are not an archive, and archives that are damaged, too long or of a wrong length are refused', (t) => {
  const { partition } = createPartition();
  const modules = open(partition);
  t.is(modules.capacityBytes, CAPACITY_BYTES);
  const good = archive(400);
  for (let at = 0; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = (bad[at] as number) ^ 0x04;
    // Its version is for the engine to judge, what the engine writes into it has no meaning yet, nor has what only fills.
    const isFree = (at >= 16 && at < 20) || isIn(good, at, 'IDEN', 2) || isIn(good, at, 'note.txt\0', 3);
    t.is(install(modules, bad, 50), isFree, `byte ${at}`);
  }
  const short = good.slice(0, 300);
  t.false(install(modules, short, 50));
  new DataView(short.buffer).setUint32(0, 300);
  t.false(install(modules, short, 50));
  t.true(modules.remove());
  t.false(modules.installed);
  for (const length of [0, 8, CAPACITY_BYTES + 1, NaN]) t.is(modules.install(length), undefined);
  t.true(install(modules, archive(CAPACITY_BYTES), 1000));
  t.is(settleModules(partition), true);
  const one = modules.install(100);
  t.is(modules.install(100), undefined);
  t.false(modules.remove());
  one?.abort();
  t.false(one?.write(good, 0, 1));
  t.true(modules.remove());
});

/** Within the `count` bytes that follow a text. */
function isIn(bytes: Uint8Array, at: number, text: string, count: number): boolean {
  const from = Buffer.from(bytes).indexOf(text) + text.length;
  return at >= from && at < from + count;
}

test('the engine that lost it to a power cut while it wrote into it gets it again; one that it has refused not', (t) => {
  const { scene, partition } = createPartition();
  const good = archive(5000);
  t.true(install(open(partition), good, 500));
  t.true(settleModules(partition));
  scene.bytes.fill(0xff, 0, BLOCK_BYTES);
  t.true(open(partition).installed, 'for the next start');
  t.is(settleModules(partition), true);
  t.deepEqual(scene.bytes.slice(0, 5000), good);
  scene.bytes.fill(0xff, 0, BLOCK_BYTES);
  scene.bytes.set(Buffer.from('\0\0\0\tXS_E\x03', 'latin1'));
  t.false(open(partition).installed);
  t.is(settleModules(partition), undefined);
  // Another one is taken all the same.
  t.true(install(open(partition), archive(300, 2), 500));
  t.is(settleModules(partition), true);
  t.is(readArchiveId(partition), idOf(archive(300, 2)));
});

test('a power cut while the engine wrote into it: a block without its end is seen, wherever it is', (t) => {
  const good = archive(7000);
  for (const [from, to] of [
    [0, BLOCK_BYTES],
    [1000, BLOCK_BYTES],
    [BLOCK_BYTES, 2 * BLOCK_BYTES],
    [BLOCK_BYTES + 512, 2 * BLOCK_BYTES],
  ] as const) {
    const { scene, partition } = createPartition();
    t.true(install(open(partition), good, 500));
    t.true(settleModules(partition));
    // The engine writes its own numbers into it.
    scene.bytes.fill(7, 200, 300);
    t.is(settleModules(partition), undefined);
    scene.bytes.fill(0xff, from, to);
    t.is(settleModules(partition), true, `${from} to ${to}`);
    t.deepEqual(scene.bytes.slice(0, good.length), good);
    t.is(settleModules(partition), undefined);
    // Another one, from a desk, has nothing to do with the copy.
    scene.bytes.set(archive(7000, 2));
    scene.bytes.fill(0xff, BLOCK_BYTES, 2 * BLOCK_BYTES);
    t.is(settleModules(partition), undefined);
  }
});

test('a block that keeps nothing is no reason to restart for ever', (t) => {
  const { scene, partition } = createPartition();
  t.true(install(open(partition), archive(7000), 500));
  t.true(settleModules(partition));
  const write = (bytes: Uint8Array, at: number) => {
    if (at < BLOCK_BYTES || at >= HALF_BYTES) partition.write(bytes, at);
  };
  scene.bytes.fill(0xff, BLOCK_BYTES, 2 * BLOCK_BYTES);
  for (let start = 0; start < 3; start++) t.is(settleModules({ ...partition, write }), false);
  t.is(settleModules(partition), true);
});

test('flash that keeps nothing is no reason to restart for ever', (t) => {
  const { partition } = createPartition();
  t.true(install(open(partition), archive(1000), 500));
  const write = (bytes: Uint8Array, at: number) => {
    if (at >= HALF_BYTES) partition.write(bytes, at);
  };
  t.is(settleModules({ ...partition, write }), false);
  t.is(settleModules({ ...partition, write: () => {} }), false);
});

test('other bytes in the place of an archive change nothing', (t) => {
  for (const [length, type] of [
    [BYTES, 'XS_A'],
    [8, 'XS_A'],
    [100, 'XS_E'],
    [100, '\0\0\0\0'],
  ] as const) {
    const { scene, partition } = createPartition();
    scene.bytes.set(archive(400));
    new DataView(scene.bytes.buffer).setUint32(HALF_BYTES + 8, length);
    scene.bytes.set(Buffer.from(type), HALF_BYTES + 12);
    t.is(settleModules(partition), undefined);
    t.is(readArchiveId(partition), idOf(archive(400)));
  }
});

test('an archive that was flashed and takes more than half of the partition is left alone', (t) => {
  const { scene, partition } = createPartition();
  const large = archive(HALF_BYTES + 100);
  scene.bytes.set(large);
  const modules = open(partition);
  t.true(modules.installed);
  t.is(modules.install(100), undefined);
  t.false(modules.remove());
  t.deepEqual(scene.bytes.slice(0, large.length), large);
});

test('an archive that the engine has refused is not taken for a missing one', (t) => {
  const { scene, partition } = createPartition();
  scene.bytes.set(Buffer.from('\0\0\0\tXS_E\x03', 'latin1'));
  t.is(readArchiveId(partition), 'refused');
  t.false(open(partition).installed);
});
