// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { RecordKind } from '../../../src/agent/records/record.ts';
import fc from '../../support/property.ts';
import { FlashQueueBench } from './flash-queue-scene.ts';
import { range } from './reporting.ts';

/** An act of a device on its flash queue, or a disturbance. */
type Act =
  | { readonly append: number }
  | { readonly acknowledge: number }
  | { readonly cutIn: number }
  | { readonly reboot: true };

const acts = (payloads: readonly number[]) =>
  fc.array(
    fc.oneof(
      { arbitrary: fc.record({ append: fc.constantFrom(8, 8, 8, ...payloads) }), weight: 12 },
      { arbitrary: fc.record({ acknowledge: fc.oneof(fc.constant(1), fc.nat(9), fc.nat(40)) }), weight: 5 },
      { arbitrary: fc.record({ cutIn: fc.integer({ min: 1, max: 160 }) }), weight: 4 },
      { arbitrary: fc.record({ reboot: fc.constant(true as const) }), weight: 1 },
    ),
    { maxLength: 250, size: 'max' },
  );

/** The expected content: the records from `first` to `last`, after `lost` older ones were dropped. */
class Model {
  first = 1;
  last = 0;
  lost = 0;
}

/** Plays `list` on a fresh flash; throws when the queue differs from the model. Returns the number of power cuts. */
function play(list: readonly Act[], options: { sectorBytes: number; sectors: number }, seed: number): number {
  const bench = new FlashQueueBench(options, seed);
  const model = new Model();
  let cuts = 0;
  for (const act of list) {
    const before = { ...model };
    if ('append' in act) append(bench, model, act.append);
    else if ('acknowledge' in act) acknowledge(bench, model, act.acknowledge);
    else if ('cutIn' in act) bench.nor.cutAtStep(act.cutIn);
    else bench.boot();
    if (bench.isCut) {
      cuts++;
      bench.boot();
      afterCut(bench, before, model);
    }
    expect(bench.waiting().join(), range(model.first, model.last).join(), 'what waits');
    expect(bench.flashQueue.untold, model.lost, 'losses');
    expect(bench.nor.breaches, 0, 'bits set by a program');
  }
  return cuts;
}

function append(bench: FlashQueueBench, model: Model, payloadBytes: number): void {
  bench.append(model.last + 1, payloadBytes);
  model.last++;
  const lost = bench.flashQueue.takeLost();
  if (bench.isCut) return;
  // The test of the bound checks whether the loss was necessary.
  model.first += lost;
  model.lost += lost;
}

function acknowledge(bench: FlashQueueBench, model: Model, count: number): void {
  const most = Math.min(count, bench.flashQueue.count);
  bench.flashQueue.acknowledge(most);
  model.first += most;
  if (!bench.isCut) expect(bench.flashQueue.takeLost(), 0, 'lost by an acknowledgement');
}

/** The interrupted act may have happened or not; everything else is unchanged. */
function afterCut(bench: FlashQueueBench, before: Model, after: Model): void {
  const waiting = bench.waiting();
  const lost = bench.flashQueue.untold - before.lost;
  const isAppend = after.last > before.last;
  if (!isAppend) expect(lost, 0, 'lost by an acknowledgement');
  const first = isAppend ? before.first + lost : (waiting[0] ?? before.last + 1);
  const last = waiting.at(-1) ?? before.last;
  if (!isAppend && first !== before.first && first !== after.first) throw new Error(`the first is ${first}`);
  if (last !== before.last && last !== after.last) throw new Error(`the last is ${last}`);
  Object.assign(after, { first, last, lost: before.lost + lost });
}

function expect(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}

for (const { payloads, ...options } of [
  { sectorBytes: 512, sectors: 4, payloads: [1, 30, 100, 201] },
  { sectorBytes: 256, sectors: 6, payloads: [1, 30, 100] },
  { sectorBytes: 1024, sectors: 2, payloads: [40, 400] },
]) {
  test(`${options.sectors} sectors of ${options.sectorBytes}: confirmed records stay, in order and once, whatever happens`, (t) => {
    let cuts = 0;
    fc.assert(
      fc.property(acts(payloads), fc.integer({ min: 1, max: 1e6 }), (list, seed) => {
        cuts += play(list, options, seed);
      }),
      { numRuns: 400 },
    );
    t.true(cuts > 1000, `${cuts} cuts`);
  });
}

const region = { sectorBytes: 4096, sectors: 12 };

test('a record and its acknowledgement take a 60th of a sector or less, in batches of one', (t) => {
  const bench = new FlashQueueBench(region);
  const records = 5000;
  for (let n = 1; n <= records; n++) {
    bench.append(n);
    bench.flashQueue.acknowledge(1);
  }
  const erases = bench.nor.erases.reduce((sum, each) => sum + each, 0);
  t.log(`${(records / erases).toFixed(1)} records for each erase`);
  t.true(records / erases >= 80, `${records / erases} records for each erase`);
  t.true(Math.max(...bench.nor.erases) - Math.min(...bench.nor.erases) <= 1, 'all sectors wear alike');
});

test('starts and reads write nothing', (t) => {
  const bench = new FlashQueueBench(region);
  for (let n = 1; n <= 300; n++) bench.append(n);
  bench.flashQueue.acknowledge(50);
  const { steps } = bench.nor;
  for (let i = 0; i < 5; i++) {
    bench.boot();
    t.deepEqual(bench.waiting(), range(51, 300));
  }
  t.is(bench.nor.steps, steps);
});

test('without room the oldest records go, one sector at a time and never because of an acknowledgement', (t) => {
  const bench = new FlashQueueBench(region);
  const most = 1500;
  for (let n = 1; n <= 4 * most; n++) bench.append(n);
  const [first = 0] = bench.waiting();
  t.is(bench.flashQueue.untold, first - 1);
  t.true(bench.flashQueue.count > 1250 && bench.flashQueue.count < most, `${bench.flashQueue.count} records`);
  bench.boot();
  t.is(bench.flashQueue.untold, first - 1, 'also after a power cut');
  // The flash is full, and records are acknowledged one by one.
  for (let n = first; n <= 4 * most; n++) {
    bench.flashQueue.acknowledge(1);
    if (n % 100 === 0) bench.boot();
    t.is(bench.flashQueue.first() < 0, n === 4 * most);
  }
  t.is(bench.flashQueue.untold, first - 1);
  bench.flashQueue.told(first - 1);
  bench.boot();
  t.is(bench.flashQueue.untold, 0);
});

test('a power cut at any byte of an append, of an acknowledgement, or of the erase between them', (t) => {
  const steps = (cut: number): { bench: FlashQueueBench; acted: number; confirmed: number } => {
    const bench = new FlashQueueBench({ sectorBytes: 256, sectors: 4 }, cut + 1);
    let acted = 0;
    let confirmed = 0;
    if (cut > 0) bench.nor.cutAtStep(cut);
    for (let n = 1; n <= 24 && !bench.isCut; n++) {
      bench.append(n, n % 3 === 0 ? 40 : 8);
      acted = n;
      if (!bench.isCut) confirmed = n;
      if (n % 4 === 0 && !bench.isCut) bench.flashQueue.acknowledge(3);
    }
    return { bench, acted, confirmed };
  };
  const all = steps(0).bench.nor.steps;
  t.true(all > 800, `${all} steps`);
  for (let cut = 1; cut <= all; cut++) {
    const { bench, acted, confirmed } = steps(cut);
    t.true(bench.isCut);
    bench.boot();
    const waiting = bench.waiting();
    const last = waiting.at(-1) ?? 0;
    t.true(last === confirmed || last === acted, `cut at ${cut}: ${last} after ${confirmed}`);
    const acknowledged = 3 * Math.floor((acted - 1) / 4);
    const [first = 1] = waiting;
    t.true(first === acknowledged + 1 || (first === acknowledged + 4 && acted % 4 === 0), `cut at ${cut}: ${first}`);
    t.is(bench.nor.breaches, 0);
    // The queue keeps working.
    bench.append(last + 1);
    bench.boot();
    t.deepEqual(bench.waiting(), range(first, last + 1));
  }
});

test('a flipped bit costs one record or the content of a sector, and stops nothing', (t) => {
  const size = { sectorBytes: 256, sectors: 4 };
  for (let bit = 0; bit < 4 * 256 * 8; bit++) {
    const bench = new FlashQueueBench(size);
    for (let n = 1; n <= 20; n++) bench.append(n);
    const before = bench.waiting();
    bench.nor.flip(bit >> 3, bit & 7);
    bench.boot();
    const waiting = bench.waiting();
    const missing = before.filter((n) => !waiting.includes(n));
    const extra = waiting.filter((n) => !before.includes(n));
    // If the opening of the last sector is unreadable, its records are out of reach and dropped ones may come back.
    t.true(missing.length <= 7, `bit ${bit}: ${missing.join()}`);
    t.true(extra.length <= 7, `bit ${bit}: ${extra.join()}`);
    t.deepEqual(
      waiting,
      [...waiting].sort((a, b) => a - b),
      `bit ${bit}`,
    );
    bench.append(21);
    bench.boot();
    t.is(bench.waiting().at(-1), 21, `bit ${bit}`);
  }
});

test('a record with the same bit flipped in any two words is rejected', (t) => {
  // A record of two units: a sum of words would miss this error.
  for (const bit of [0, 7, 15, 16, 30, 31]) {
    for (let one = 0; one < 8; one++) {
      for (let other = one + 1; other < 8; other++) {
        const bench = new FlashQueueBench({ sectorBytes: 512, sectors: 4 });
        for (let n = 1; n <= 3; n++) bench.append(n);
        // The second sector is opened first; its mark takes one unit, and each record two.
        const second = 512 + 16 + 32;
        for (const word of [one, other]) bench.nor.flip(second + 4 * word + (bit >> 3), bit & 7);
        bench.boot();
        t.deepEqual(bench.waiting(), [1, 3], `bit ${bit} of words ${one} and ${other}`);
      }
    }
  }
});

for (const behaviour of ['refusing', 'ignoring'] as const) {
  test(`flash that is ${behaviour} writes loses what it does not take, and reports it`, (t) => {
    const bench = new FlashQueueBench({ sectorBytes: 512, sectors: 4 });
    for (let n = 1; n <= 5; n++) bench.append(n);
    bench.nor.behaviour = behaviour;
    bench.append(6);
    t.is(bench.flashQueue.takeLost(), 1);
    t.deepEqual(bench.waiting(), range(1, 5));
    bench.nor.behaviour = 'good';
    bench.append(7);
    t.deepEqual(bench.waiting(), [1, 2, 3, 4, 5, 7]);
    t.is(bench.flashQueue.takeLost(), 0);
    bench.boot();
    t.deepEqual(bench.waiting(), [1, 2, 3, 4, 5, 7]);
    t.is(bench.nor.breaches, 0);
  });
}

test('foreign bytes on flash are not taken for records', (t) => {
  const bench = new FlashQueueBench({ sectorBytes: 512, sectors: 4 });
  t.false(bench.flashQueue.isForeign);
  for (const fill of [0x00, 0x55, 0xfe]) {
    bench.nor.bytes.fill(fill);
    t.true(bench.boot().isForeign);
    t.deepEqual(bench.waiting(), []);
    bench.append(1);
    t.false(bench.boot().isForeign);
    t.deepEqual(bench.waiting(), [1]);
  }
});

test('an unknown source or template is reported as -1', (t) => {
  const bench = new FlashQueueBench(region);
  bench.append(1);
  const flashQueue = bench.boot({ sourceOf: () => -1, templateOf: () => -1 });
  t.is(flashQueue.source(flashQueue.first()), -1);
  t.is(flashQueue.template(flashQueue.first()), -1);
});

test('a record above the maximum size is refused', (t) => {
  const { flashQueue } = new FlashQueueBench(region);
  t.is(flashQueue.append(RecordKind.Text, 0, 0, 0, false, 2048 - 24 + 1), -1);
  t.true(flashQueue.append(RecordKind.Text, 0, 0, 0, false, 2048 - 24) > 0);
  flashQueue.commit();
  t.is(flashQueue.count, 1);
});
