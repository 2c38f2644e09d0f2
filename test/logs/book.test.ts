// SPDX-License-Identifier: Apache-2.0
/** The log on its flash: what a power cut, a flood and damage leave of it. */

import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import type { FakeNor } from '../../hal/fake/nor.ts';
import type { FakeHal } from '../../hal/fake/options.ts';
import { FlashQueue } from '../../src/agent/records/queues/flash-queue.ts';
import { RecordKind } from '../../src/agent/records/record.ts';
import { LogBook, logSectors } from '../../src/logs/log-book.ts';
import { LogExcerpt } from '../../src/logs/log-excerpt.ts';

const EPOCH_MS = Date.UTC(2026, 0, 4);
/** Where the log is: the events have sectors 0 and 1. */
const FIRST = 2;

interface Scene {
  readonly machine: FakeMachine;
  readonly nor: FakeNor;
  readonly hal: FakeHal;
  readonly book: LogBook;
}

function start(machine: FakeMachine, isKnown = true): Scene {
  const hal = machine.boot();
  const nor = machine.nor as FakeNor;
  if (isKnown) hal.clock.set(EPOCH_MS + machine.time.nowMs);
  return { machine, nor, hal, book: new LogBook(hal, nor) };
}

const create = (sectorBytes = 1024, seed = 1) => start(new FakeMachine({ nor: { sectors: 16, sectorBytes }, seed }));

/** All of it, line by line; the first says what it is. */
function read({ book, hal }: Scene): string[] {
  const wish = { logFile: 'agent', fromMs: -Infinity, toMs: Infinity, text: '', maximumLines: 1e9, isCrash: false };
  const excerpt = new LogExcerpt(book, wish, hal.clock.now() ?? 0, hal.clock.ticks());
  const length = excerpt.open();
  const piece = new Uint8Array(100);
  let text = Buffer.alloc(0);
  for (let count = excerpt.read(piece); count > 0; count = excerpt.read(piece)) {
    text = Buffer.concat([text, piece.subarray(0, count)]);
  }
  if (text.length !== length) throw new Error(`${text.length} bytes, and ${length} were said`);
  return text.toString().trimEnd().split('\n');
}

const textsOf = (lines: readonly string[]) => lines.slice(1).map((line) => line.replace(/^\S+ \S+ +/, ''));

test('half of what is for events, where two sectors are left for these', (t) => {
  const rooms = [4, 8, 15, 16, 20, 30, 256].map((sectors) => [sectors, logSectors({ sectors })]);
  t.deepEqual(rooms, [
    [4, 0],
    [8, 0],
    [15, 0],
    [16, 2],
    [20, 3],
    [30, 4],
    [256, 32],
  ]);
  t.is(logSectors(undefined), 0);
});

test('the power goes at any byte: what was logged before is there, and it goes on', (t) => {
  let cuts = 0;
  for (let step = 1; ; step += 7) {
    const first = create(512, step);
    const kept: string[] = [];
    first.nor.cutAtStep(step);
    for (let i = 0; i < 80 && first.machine.hal !== undefined; i++) {
      first.hal.log('warn', `line ${i}`);
      first.machine.time.run(60_000);
      if (first.machine.hal !== undefined) kept.push(`line ${i}`);
    }
    if (first.machine.hal !== undefined) break;
    cuts++;
    const second = start(first.machine);
    second.hal.log('warn', 'afterwards');
    const texts = textsOf(read(second));
    t.is(texts.at(-1), 'afterwards', `${step}`);
    const lines = texts.filter((text) => text.startsWith('line'));
    const missing = kept.filter((text) => !lines.includes(text));
    // Only what has gone for want of room is missing, which is the oldest; the line under way may be there or not.
    t.deepEqual(missing, kept.slice(0, missing.length), `${step}`);
    t.true(lines.length <= kept.length + 1, `${step}`);
    t.is(second.nor.breaches, 0);
  }
  t.true(cuts > 200, `${cuts}`);
});

test('damage loses the lines that it hits, and is reported', (t) => {
  const scene = create();
  for (let i = 0; i < 5; i++) scene.hal.log('warn', `line ${i}`);
  t.is(read(scene)[0], '# agent: 6 lines');
  const at = Buffer.from(scene.nor.bytes).indexOf('line 2');
  scene.nor.flip(at, 3);
  const [head, ...lines] = read(start(scene.machine));
  t.is(head, '# agent: 6 lines; 1 damaged places are left out');
  t.deepEqual(
    lines.filter((line) => line.includes(' line ')).map((line) => line.slice(-6)),
    ['line 0', 'line 1', 'line 3', 'line 4'],
  );
});

test('each byte of it damaged: it can be read, and written on', (t) => {
  const scene = create(512);
  for (let i = 0; i < 12; i++) scene.hal.log('warn', `line ${i}`);
  const good = scene.nor.bytes.slice();
  for (let at = FIRST * 512; at < (FIRST + 2) * 512; at++) {
    scene.nor.bytes.set(good);
    scene.nor.flip(at, at % 8);
    const again = start(scene.machine);
    again.hal.log('error', 'afterwards');
    t.is(textsOf(read(again)).at(-1), 'afterwards', `${at}`);
  }
});

test('data of another firmware is not read as a line', (t) => {
  const machine = new FakeMachine({ nor: { sectors: 16, sectorBytes: 1024 } });
  const hal = machine.boot();
  const names = { sourceKey: () => 77, sourceOf: () => 0, templateKey: () => 0, templateOf: () => 0 };
  const nor = machine.nor as FakeNor;
  const flashQueue = new FlashQueue({ flash: nor, firstSector: FIRST, sectors: 2, names, bootCount: 1 });
  for (let i = 0; i < 10; i++) {
    flashQueue.bytes.fill(0x41, flashQueue.append(RecordKind.Text, 0, 0, EPOCH_MS, false, 40), 40);
    flashQueue.commit();
  }
  hal.log('info', 'nobody listens');
  const lines = read(start(machine));
  t.is(lines.length, 2);
  t.regex(lines[1] ?? '', / start 2 /);
});

test('however much is logged, the flash lasts: so many sectors in so long, and what is left out is said', (t) => {
  const scene = create(4096);
  const { hal, nor, machine } = scene;
  const erases = () => nor.erases.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < 20_000; i++) {
    hal.log('error', `flood ${i} ${'x'.repeat(50)}`);
    machine.time.run(1000);
  }
  // 20,000 seconds: the log once, and then a sector every ten minutes.
  t.true(erases() <= 2 + 34, `${erases()}`);
  t.true(erases() > 25, `${erases()}`);
  t.true(textsOf(read(scene)).some((text) => /^\d+ lines are left out to spare the flash$/.test(text)));
  const before = erases();
  machine.time.run(86_400_000);
  t.is(erases(), before);
});

test('information is left out before warnings and errors', (t) => {
  const scene = create(1024);
  for (let i = 0; i < 100; i++) scene.hal.log('info', `told ${i} ${'x'.repeat(50)}`);
  scene.hal.log('error', 'what matters');
  t.is(textsOf(read(scene)).at(-1), 'what matters');
});

test('a refusal of the flash causes neither a line nor a loop', (t) => {
  const scene = create();
  const { hal, nor } = scene;
  nor.onChange = () => {
    hal.log('error', 'flash: does not write');
    return 'refused';
  };
  hal.log('warn', 'lost');
  nor.onChange = undefined;
  hal.log('warn', 'kept');
  t.deepEqual(
    textsOf(read(scene)).filter((text) => !text.includes('(')),
    ['kept'],
  );
});

test('long lines are cut between characters, and take no memory when they are written', (t) => {
  const scene = create(4096);
  scene.hal.log('warn', 'ü'.repeat(5000));
  t.is(scene.book.lines.bytes.length, 64);
  const [line = ''] = textsOf(read(scene)).slice(-1);
  t.regex(line, /^ü{150,200}$/);
});

test('the time of lines before the clock was known', (t) => {
  const scene = start(new FakeMachine({ nor: { sectors: 16, sectorBytes: 1024 } }), false);
  const { hal, machine } = scene;
  hal.log('warn', 'without a clock');
  machine.time.run(5000);
  hal.clock.set(EPOCH_MS + 5000);
  hal.log('warn', 'with one');
  const again = start(machine);
  const lines = read(again);
  t.is(lines.find((line) => line.includes('without'))?.slice(0, 24), '2026-01-04T00:00:00.000Z');
  t.is(lines.find((line) => line.includes('with one'))?.slice(0, 24), '2026-01-04T00:00:05.000Z');
});
