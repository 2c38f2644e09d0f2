// SPDX-License-Identifier: Apache-2.0
/** Records of some sources are held back while those of the others are sent: in RAM, on flash, and over power cuts. */

import test from 'ava';
import { RamQueue } from '../../../src/agent/records/queues/ram-queue.ts';
import { type Gate, type Queue, RecordKind } from '../../../src/agent/records/record.ts';
import type { Fault } from '../../../tools/platform/faults.ts';
import { updateObject } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import fc from '../../support/property.ts';
import { childOf } from '../operations/operating.ts';
import { createSettled, createWorld } from '../scene.ts';
import { clockAt, FlashQueueBench, startMs } from './flash-queue-scene.ts';
import { Author, counted, queue, quiet, range, valvesOf } from './reporting.ts';

/** Number of sources: record `n` belongs to source `n % 4`. */
const SOURCES = 4;

type Act =
  | { readonly append: number }
  | { readonly acknowledge: number }
  | { readonly turn: number }
  | { readonly cutIn: number }
  | { readonly reboot: true };

const acts = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ append: fc.constantFrom(8, 8, 8, 30, 100) }), weight: 12 },
    { arbitrary: fc.record({ acknowledge: fc.oneof(fc.constant(1), fc.nat(9), fc.nat(40)) }), weight: 6 },
    { arbitrary: fc.record({ turn: fc.nat(SOURCES - 1) }), weight: 3 },
    { arbitrary: fc.record({ cutIn: fc.integer({ min: 1, max: 160 }) }), weight: 4 },
    { arbitrary: fc.record({ reboot: fc.constant(true as const) }), weight: 1 },
  ),
  { maxLength: 250, size: 'max' },
);

/** The sources that are held back. */
class Held implements Gate {
  readonly sources = new Set<number>();

  get isOpen(): boolean {
    return this.sources.size === 0;
  }

  isHeld(source: number): boolean {
    return this.sources.has(source);
  }

  turn(which: number): void {
    if (!this.sources.delete(which)) this.sources.add(which);
  }

  free(numbers: readonly number[]): number[] {
    return numbers.filter((n) => !this.sources.has(n % SOURCES));
  }
}

function append(line: Queue, n: number, payloadBytes: number): void {
  const at = line.append(RecordKind.Text, n % SOURCES, 0, startMs + n, false, payloadBytes);
  line.bytes.fill(n, at, at + payloadBytes);
  line.commit();
}

/** The numbers of the records. Throws when one differs from what was appended. */
function numbersOf(line: Queue): number[] {
  const found: number[] = [];
  for (let at = line.first(); at >= 0; at = line.next(at)) {
    const n = line.timeMs(at, clockAt(undefined, 0)) - startMs;
    const from = line.payload(at);
    const payload = line.bytes.slice(from, from + line.payloadBytes(at));
    if (line.source(at) !== n % SOURCES || payload.some((byte) => byte !== n % 256)) throw new Error(`record ${n}`);
    found.push(n);
  }
  return found;
}

function expect(actual: readonly number[], expected: readonly number[], what: string): void {
  if (actual.join() !== expected.join()) throw new Error(`${what}: ${actual.join()} instead of ${expected.join()}`);
}

/** All waiting records, held back or not. */
function everything(bench: FlashQueueBench): number[] {
  bench.flashQueue.gate = undefined;
  return numbersOf(bench.flashQueue);
}

/** Returns the number of power cuts. */
function play(list: readonly Act[], options: { sectorBytes: number; sectors: number }, seed: number): number {
  const bench = new FlashQueueBench(options, seed);
  const held = new Held();
  bench.flashQueue.gate = held;
  let model: number[] = [];
  let last = 0;
  let cuts = 0;
  for (const act of list) {
    const before = [...model];
    const untold = bench.flashQueue.untold;
    let acked: number[] = [];
    if ('append' in act) {
      append(bench.flashQueue, ++last, act.append);
      model.push(last);
      if (!bench.isCut) model = model.slice(bench.flashQueue.takeLost());
    } else if ('acknowledge' in act) {
      acked = held.free(model).slice(0, act.acknowledge);
      bench.flashQueue.acknowledge(act.acknowledge);
      model = model.filter((n) => !acked.includes(n));
      if (!bench.isCut) model = model.slice(bench.flashQueue.takeLost());
    } else if ('turn' in act) held.turn(act.turn);
    else if ('cutIn' in act) bench.nor.cutAtStep(act.cutIn);
    else bench.boot();
    if (bench.isCut) {
      cuts++;
      bench.boot();
      const waiting = everything(bench);
      const lost = bench.flashQueue.untold - untold;
      if ('append' in act) {
        const kept = before.slice(lost);
        model = waiting.at(-1) === last ? [...kept, last] : kept;
      } else {
        // Of the acknowledged records the first few may be gone, and of the rest those counted as lost.
        const given = before.filter((n) => !acked.includes(n)).slice(0, lost);
        const gone = before.filter((n) => !waiting.includes(n) && !given.includes(n));
        expect(
          gone,
          acked.filter((n) => gone.includes(n)),
          'gone',
        );
        expect(gone, acked.slice(0, gone.length), 'gone first');
        model = before.filter((n) => !gone.includes(n) && !given.includes(n));
      }
      expect(waiting, model, 'what is there after a cut');
    }
    bench.flashQueue.gate = held;
    expect(numbersOf(bench.flashQueue), held.free(model), 'what may go');
    if (bench.flashQueue.count !== model.length)
      throw new Error(`${bench.flashQueue.count} counted, ${model.length} there`);
    if (bench.nor.breaches > 0) throw new Error('bits set by a program');
  }
  expect(everything(bench), model, 'what waits in the end');
  return cuts;
}

/** The shortest sequence found: the sector that a mark has opened is full before anything is appended. */
const MARKS_FILL_A_SECTOR: readonly Act[] = [
  ...[{ turn: 0 }, { turn: 2 }, { append: 100 }, { append: 100 }, { turn: 1 }, { append: 100 }, { append: 30 }],
  ...[{ append: 8 }, { acknowledge: 2 }, { append: 8 }, { append: 8 }, { turn: 0 }, { append: 8 }, { append: 30 }],
  ...[{ append: 8 }, { cutIn: 66 }, { append: 100 }, { acknowledge: 1 }, { cutIn: 33 }, { turn: 3 }],
  ...[{ acknowledge: 1 }, { acknowledge: 1 }, { cutIn: 1 }, { append: 8 }],
];

test('a loss is written before a sector full of marks is erased', (t) => {
  t.is(play(MARKS_FILL_A_SECTOR, { sectorBytes: 256, sectors: 6 }, 1), 3);
});

for (const options of [
  { sectorBytes: 512, sectors: 4 },
  { sectorBytes: 256, sectors: 6 },
  { sectorBytes: 1024, sectors: 2 },
]) {
  test(`${options.sectors} sectors of ${options.sectorBytes}: records that are held back stay, and the others pass them`, (t) => {
    let cuts = 0;
    fc.assert(
      fc.property(acts, fc.integer({ min: 1, max: 1e6 }), (list, seed) => {
        cuts += play(list, options, seed);
      }),
      { numRuns: 250 },
    );
    t.true(cuts > 500, `${cuts} cuts`);
  });
}

test('in RAM: records that are held back stay until there is no room, and the others pass them', (t) => {
  fc.assert(
    fc.property(acts, (list) => {
      const records = new RamQueue(24, 2048);
      const held = new Held();
      records.gate = held;
      let model: number[] = [];
      let last = 0;
      for (const act of list) {
        const gone = records.gone;
        if ('append' in act) {
          last++;
          append(records, last, act.append);
          model.push(last);
          const lost = model.slice(0, records.takeLost());
          if (records.gone - gone !== held.free(lost).length) throw new Error('only those that may go count as gone');
          model = model.slice(lost.length);
        } else if ('acknowledge' in act) {
          const acked = held.free(model).slice(0, act.acknowledge);
          records.acknowledge(act.acknowledge);
          model = model.filter((n) => !acked.includes(n));
        } else if ('turn' in act) held.turn(act.turn);
        expect(numbersOf(records), held.free(model), 'what may go');
        if (records.count !== model.length) throw new Error(`${records.count} counted, ${model.length} there`);
      }
      records.gate = undefined;
      expect(numbersOf(records), model, 'what waits in the end');
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('a day of other records costs no record that is held back, and one mark on flash each', (t) => {
  const bench = new FlashQueueBench({ sectorBytes: 4096, sectors: 12 });
  const held = new Held();
  held.turn(0);
  bench.flashQueue.gate = held;
  for (let n = 1; n <= 800; n++) {
    append(bench.flashQueue, n, 8);
    bench.flashQueue.acknowledge(1);
  }
  const written = bench.nor.steps;
  for (let n = 801; n <= 804; n++) {
    append(bench.flashQueue, n, 8);
    bench.flashQueue.acknowledge(1);
  }
  t.is(bench.nor.steps - written, 4 * 32 + 3 * 16);
  bench.boot();
  t.deepEqual(
    everything(bench),
    range(1, 804).filter((n) => n % SOURCES === 0),
  );
});

const machine = { nor: { sectorBytes: 4096, sectors: 16 } };

function measureBoth(world: World, author: Author, from: number, to: number): void {
  for (let n = from; n <= to; n++) {
    author.child.measure('x_Valve', { x_Valve: { n: { value: n } } });
    author.count(n, n);
    world.run(60_000);
  }
}

test('a power cut while the device does not own a child: its records arrive when it does, once and in order', (t) => {
  const author = new Author();
  const world = createSettled(t, { config: quiet, app: author.withChild('valve'), machine });
  const valve = childOf(world, 'valve');
  updateObject(world.platform, valve.id, { owner: 'somebody else' });
  measureBoth(world, author, 1, 30);
  for (let boot = 0; boot < 3; boot++) {
    world.device.powerCut();
    world.start();
    world.run(20_000);
    measureBoth(world, author, 31 + 10 * boot, 40 + 10 * boot);
  }
  t.deepEqual(counted(world), range(1, 60), 'nobody else waits, and nothing comes twice');
  t.deepEqual(valvesOf(world, valve.id), []);
  updateObject(world.platform, valve.id, { owner: world.device.user });
  world.run(600_000);
  t.deepEqual(valvesOf(world, valve.id), range(1, 60));
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
});

test('a power cut while a child cannot be registered: its records arrive when it is', (t) => {
  const author = new Author();
  const world = createWorld(t, { config: quiet, app: author.withChild('valve'), machine });
  const refused: Fault = {
    kind: 'status',
    status: 403,
    method: 'POST',
    path: '/inventory/managedObjects',
    times: 10_000,
  };
  world.platform.order({ ...refused, contains: 'valve' });
  world.start();
  world.run(60_000);
  measureBoth(world, author, 1, 20);
  world.device.powerCut();
  world.start();
  world.run(20_000);
  measureBoth(world, author, 21, 40);
  t.deepEqual(counted(world), range(1, 40), 'nobody else waits, and nothing comes twice');
  world.platform.core.faults.cancel();
  world.run(600_000);
  t.deepEqual(valvesOf(world, childOf(world, 'valve').id), range(1, 40));
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
});

test('a child that is refused and then removed: its records are dropped and reported, and it is not registered again', (t) => {
  const author = new Author();
  const world = createSettled(t, { config: quiet, app: author.withChild('valve'), machine });
  const valve = childOf(world, 'valve');
  updateObject(world.platform, valve.id, { owner: 'somebody else' });
  for (let n = 1; n <= 60; n++) author.child.measure('x_Valve', { x_Valve: { n: { value: n } } });
  author.count(1, 1);
  world.run(600_000);
  author.child.remove();
  const { requests } = world;
  author.count(2, 2);
  world.run(600_000);
  t.deepEqual(counted(world), [1, 2]);
  t.deepEqual(queue(world), { waiting: 0, lost: 60 });
  t.true(world.requests - requests < 60, `${world.requests - requests} requests`);
});
