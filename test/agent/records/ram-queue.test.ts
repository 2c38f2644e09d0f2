// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { RamQueue } from '../../../src/agent/records/queues/ram-queue.ts';
import { AS_TEXT, RECORD_MAX_BYTES, RecordKind } from '../../../src/agent/records/record.ts';
import fc from '../../support/property.ts';
import { clockAt } from './flash-queue-scene.ts';

interface Model {
  readonly kind: number;
  readonly source: number;
  readonly template: number;
  readonly timeMs: number;
  readonly inTicks: boolean;
  readonly payload: Uint8Array;
}

type Act = { readonly append: Model } | { readonly acknowledge: number };

const headerBytes = 16;

function sizeOf(record: Model): number {
  return Math.ceil((headerBytes + record.payload.length) / 8) * 8;
}

function append(records: RamQueue, record: Model): number {
  const { kind, source, template, timeMs, inTicks, payload } = record;
  const at = records.append(kind, source, template, timeMs, inTicks, payload.length);
  if (at >= 0) records.bytes.set(payload, at);
  return at;
}

/** All waiting records, as their sender reads them. */
function read(records: RamQueue): Model[] {
  const found: Model[] = [];
  let at = records.first();
  for (let i = 0; i < records.count; i++) {
    const from = records.payload(at);
    const inTicks = Number.isNaN(records.timeMs(at, clockAt(undefined, 0)));
    found.push({
      kind: records.kind(at),
      source: records.source(at),
      template: records.template(at),
      timeMs: records.timeMs(at, clockAt(0, 0)),
      inTicks,
      payload: records.bytes.slice(from, from + records.payloadBytes(at)),
    });
    if (i + 1 < records.count) at = records.next(at);
  }
  return found;
}

const record = (mostBytes: number): fc.Arbitrary<Model> =>
  fc
    .record({
      kind: fc.constantFrom(RecordKind.Template, RecordKind.Text),
      source: fc.nat(255),
      template: fc.nat(255),
      timeMs: fc.integer({ min: 0, max: 2 ** 45 }),
      inTicks: fc.boolean(),
      payload: fc.uint8Array({ maxLength: mostBytes, size: 'max' }),
    })
    .map((each) => (each.kind === RecordKind.Text ? { ...each, template: AS_TEXT } : each));

const acts = (mostBytes: number): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.oneof(
      { arbitrary: fc.record({ append: record(mostBytes) }), weight: 3 },
      { arbitrary: fc.record({ acknowledge: fc.nat(12) }), weight: 1 },
    ),
    { maxLength: 120 },
  );

for (const [mostRecords, mostBytes, payloadBytes] of [
  [256, 16_384, 40],
  [256, 16_384, 1500],
  [16, 16_384, 300],
  [512, 4096, 60],
  [1, 4096, 100],
  [100, 256, 112],
] as const) {
  test(`a queue of ${mostRecords} records in ${mostBytes} bytes equals the end of a plain list (payloads up to ${payloadBytes})`, (t) => {
    fc.assert(
      fc.property(acts(payloadBytes), (list) => {
        const records = new RamQueue(mostRecords, mostBytes);
        let model: Model[] = [];
        for (const act of list) {
          if ('acknowledge' in act) {
            records.acknowledge(act.acknowledge);
            model = model.slice(act.acknowledge);
          } else {
            t.true(append(records, act.append) >= 0);
            model.push(act.append);
            const lost = records.takeLost();
            const held = model.slice(0, -1).reduce((sum, each) => sum + sizeOf(each), 0);
            const largest = Math.max(...model.map(sizeOf));
            // Dropped only for lack of room: too many records, or no contiguous bytes.
            if (lost > 0) t.true(model.length > mostRecords || held + sizeOf(act.append) + 2 * largest > mostBytes);
            model = model.slice(lost);
          }
          t.true(records.count <= mostRecords);
          t.true(records.bytes.length <= mostBytes);
          t.is(records.count, model.length);
          t.deepEqual(read(records), model);
        }
        records.acknowledge(records.count);
        t.is(records.first(), -1);
        t.true(records.bytes.length <= 512, 'the buffer is given back');
      }),
      { numRuns: 60 },
    );
    t.pass();
  });
}

test('the oldest goes first when there are too many, and the loss is counted once', (t) => {
  const records = new RamQueue(3, 4096);
  const make = (source: number): Model => ({
    kind: RecordKind.Text,
    source,
    template: 0,
    timeMs: source,
    inTicks: false,
    payload: new Uint8Array(8),
  });
  for (let i = 1; i <= 5; i++) append(records, make(i));
  t.deepEqual(
    read(records).map(({ source }) => source),
    [3, 4, 5],
  );
  t.is(records.takeLost(), 2);
  t.is(records.takeLost(), 0);
});

test('a record above the maximum size is refused and displaces no other', (t) => {
  const records = new RamQueue(16, 16_384);
  t.true(records.append(RecordKind.Text, 1, 0, 0, false, 8) >= 0);
  t.is(records.append(RecordKind.Text, 1, 0, 0, false, RECORD_MAX_BYTES - headerBytes + 1), -1);
  t.true(records.append(RecordKind.Text, 1, 0, 0, false, RECORD_MAX_BYTES - headerBytes) >= 0);
  t.is(records.count, 2);
  t.is(records.takeLost(), 0);
});

test('a time in ticks becomes known with the clock and follows its corrections', (t) => {
  const records = new RamQueue(16, 4096);
  records.append(RecordKind.Template, 0, 0, 5000, true, 8);
  const at = records.first();
  t.true(Number.isNaN(records.timeMs(at, clockAt(undefined, 9000))));
  t.is(records.timeMs(at, clockAt(1_000_000, 9000)), 996_000);
  t.is(records.timeMs(at, clockAt(2_000_000, 9000)), 1_996_000);
  records.append(RecordKind.Template, 0, 0, 1_767_520_800_000, false, 8);
  t.is(records.timeMs(records.next(at), clockAt(undefined, 9000)), 1_767_520_800_000);
});

test('acknowledging more records than exist removes all', (t) => {
  const records = new RamQueue(16, 4096);
  records.acknowledge(5);
  records.append(RecordKind.Text, 0, 0, 0, false, 8);
  records.acknowledge(5);
  t.is(records.count, 0);
  t.is(records.first(), -1);
});
