// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readSample, slotBytesOf } from '../../../tools/moddable/instruments.ts';
import {
  divided,
  LARGE,
  reduced,
  SIMULATOR,
  SLOT_BYTES,
  SMALL,
  writeWithCreation,
} from '../../moddable/memory/creation.ts';
import { headRoom, heapTable } from '../../moddable/memory/table.ts';

const FIGURES = {
  liveSlots: 1000,
  liveChunkBytes: 10_000,
  mostSlots: 2464,
  mostChunkBytes: 39_000,
  mostStackSlots: 192,
};

test('a sample is read in slots of either size', (t) => {
  const values = [0, 0, 3, 4, 5, 2, 0, 0, 0, 5348, 131_072, 20_240, 78_832, 3904, 8192, 18, 5, 1, 0, 77, 0];
  const line = `instruments: ${values.join(',')}`;
  const narrow = readSample(line, 16);
  t.deepEqual(narrow, {
    slots: 1265,
    slotsAvailable: 4927,
    chunkBytes: 5348,
    chunkBytesAvailable: 131_072,
    stackSlots: 244,
    collections: 18,
    keys: 5,
  });
  t.is(readSample(line, 32)?.stackSlots, 122);
  t.is(readSample('instruments key: Slot used', 16), undefined);
});

test('head-room is that of what is used most: slots, chunks, stack', (t) => {
  t.is(headRoom(FIGURES, { ...LARGE, heap: { initial: 4928, incremental: 0 } }), 0.5);
  t.is(headRoom({ ...FIGURES, mostStackSlots: 576 }, { ...LARGE, stack: 768 }), 0.25);
  const block = { ...SMALL, static: 100_000, stack: 1000 };
  t.is(headRoom({ ...FIGURES, mostSlots: 1000, mostChunkBytes: 18_000 }, block), 0.5);
  t.regex(
    heapTable([{ phase: 'a poll', figures: FIGURES }]),
    /^\| a poll \| 1,000 \| 2,464 \| 10,000 \| 39,000 \| 192 \| \d+ %/m,
  );
});

test('a creation is written into a library, and into one that has another not at all', (t) => {
  const small = divided(reduced(SMALL, 25));
  t.is(small.chunk.initial + (small.heap.initial + small.stack) * SLOT_BYTES, Math.floor(SMALL.static * 0.75));
  const numbers = ({ chunk, heap, stack, keys }: typeof LARGE) => [
    ...[chunk.initial, chunk.incremental, heap.initial, heap.incremental],
    ...[stack, keys.initial, keys.incremental],
  ];
  const head = [0x0146_4c45, ...numbers(SIMULATOR), 7];
  const library = path.join(mkdtempSync(path.join(tmpdir(), 'fractus-')), 'mc.so');
  writeFileSync(library, '\x7fELF\x01');
  t.throws(() => writeWithCreation(library, small, 'small'), { message: /not exactly one creation/ });
  t.is(slotBytesOf(library), 16);
  writeFileSync(library, Buffer.from(Int32Array.from(head).buffer));
  const written = readFileSync(writeWithCreation(library, small, 'small'));
  const words = [...new Int32Array(new Uint8Array(written).buffer)];
  t.deepEqual(words, [head[0], ...numbers(small), 7]);
});
