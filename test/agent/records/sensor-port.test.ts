// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Rule, SensorPort } from '../../../src/agent/records/sensor-port.ts';
import type { RuleDefinition, Sensor } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import { measurementsOf } from '../../../tools/platform/operator.ts';
import fc from '../../support/property.ts';
import { createSettled } from '../scene.ts';

const reports = measurement({
  type: 'air',
  fragments: { air: { T: { of: 'temperature' }, h: { of: 'humidity' } } },
});

function port(sample: () => unknown): SensorPort {
  return new SensorPort({ reports, sensor: { sample: sample as () => Record<string, unknown> } }, 3);
}

const message = { type: 'hot', severity: 'MAJOR', text: 'Hot' } as const;

function rule(limits: Partial<RuleDefinition>): Rule {
  return new Rule({ of: 'temperature', ...message, ...limits });
}

/** The verdicts of a rule on values one second apart. */
function verdicts(limits: Partial<RuleDefinition>, values: readonly number[]): string {
  const each = rule(limits);
  return values
    .map((value, i) => {
      const verdict = each.take(value, i * 1000);
      return verdict === undefined ? '.' : verdict ? 'R' : 'C';
    })
    .join('');
}

test('values are read by name', (t) => {
  const sensor = port(() => ({ temperature: 21.5, humidity: 40, pressure: 1 }));
  t.true(sensor.take());
  t.is(sensor.value('temperature'), 21.5);
  t.is(sensor.value('humidity'), 40);
  t.true(Number.isNaN(sensor.value('nothing')));
  t.is(sensor.fault, undefined);
  t.is(sensor.templateNumber, 3);
});

test('one valid value is enough', (t) => {
  for (const bad of [
    undefined,
    null,
    NaN,
    Infinity,
    -Infinity,
    '20',
    true,
    {},
    [20],
    20n,
    Symbol('x'),
    new Date(5),
    new Number(5),
  ]) {
    const sensor = port(() => ({ temperature: bad, humidity: 40 }));
    t.true(sensor.take());
    t.true(Number.isNaN(sensor.value('temperature')), String(bad));
    t.is(sensor.value('humidity'), 40);
  }
});

test('an invalid sample costs only its own reading', (t) => {
  for (const bad of [undefined, null, 20, 'warm', true, {}, [], { temperature: NaN }, { temperature: '20' }, 5n]) {
    t.false(port(() => bad).take(), String(bad));
  }
});

test('a driver that throws anything is caught, and the next sample counts again', (t) => {
  for (const [thrown, fault] of [
    [new Error('bus stuck'), 'bus stuck'],
    ['a string', 'it has thrown a non-Error'],
    [undefined, 'it has thrown a non-Error'],
  ] as const) {
    let broken = true;
    const sensor = port(() => {
      if (broken) throw thrown;
      return { temperature: 1 };
    });
    t.false(sensor.take());
    t.is(sensor.fault, fault);
    t.true(Number.isNaN(sensor.value('temperature')));
    broken = false;
    t.true(sensor.take());
    t.is(sensor.fault, undefined);
  }
});

test('a value that throws when it is read is left out', (t) => {
  const sensor = port(() => ({
    get temperature(): number {
      throw new Error('gone');
    },
    humidity: 1,
  }));
  t.true(sensor.take());
  t.true(Number.isNaN(sensor.value('temperature')));
});

test('the next sample replaces all of the previous one', (t) => {
  const samples = [{ temperature: 1 }, undefined];
  const sensor = port(() => samples.shift());
  t.true(sensor.take());
  t.false(sensor.take());
  t.true(Number.isNaN(sensor.value('temperature')));
});

for (const [limits, values, expected] of [
  // Undecided at first: a value that is clearly normal clears an alarm of an earlier start.
  [{ above: 60 }, [20, 61, 60, 61], 'CRCR'],
  [{ above: 60 }, [60, 60.1, 60.1], 'CR.'],
  [{ above: 60, back: 55 }, [61, 57, 55.1, 55, 57, 61], 'R..C.R'],
  [{ above: 60, back: 55 }, [57, 58, 54, 61], '..CR'],
  [{ below: 5 }, [4, 5, 4], 'RCR'],
  [{ below: 5, back: 8 }, [4, 6, 7.9, 8, 6, 4], 'R..C.R'],
  [{ above: 60, forS: 3 }, [61, 61, 61, 61, 61], '...R.'],
  [{ above: 60, forS: 3 }, [61, 61, 60, 61, 61, 61, 61], '..C...R'],
  [{ above: 60, back: 55, forS: 2 }, [61, 61, 57, 61, 61, 61, 54], '.....RC'],
  [{ above: 60, forS: 2 }, [61, NaN, NaN, 61], '...R'],
  [{ above: 60 }, [61, NaN, 61, 50], 'R..C'],
  [{ above: 0, back: 0 }, [1, 0], 'RC'],
] as const) {
  test(`rule ${JSON.stringify(limits)}: ${values.join(' ')} gives ${expected}`, (t) => {
    t.is(verdicts(limits, values), expected);
  });
}

test('verdicts alternate and agree with the value, for any sequence', (t) => {
  const values = fc.array(fc.oneof(fc.integer({ min: 40, max: 80 }), fc.constant(NaN)), { maxLength: 100 });
  fc.assert(
    fc.property(values, fc.nat(5), (list, forS) => {
      const each = rule({ above: 60, back: 55, forS });
      let last: boolean | undefined;
      list.forEach((value, i) => {
        const verdict = each.take(value, i * 1000);
        if (verdict === undefined) return;
        t.not(verdict, last);
        t.true(verdict ? value > 60 : value <= 55);
        if (verdict) {
          const before = list.slice(0, i + 1).filter((_, k) => k >= i - forS);
          t.true(
            before.every((held) => Number.isNaN(held) || held > 60),
            'beyond for as long as it has to be',
          );
        }
        last = verdict;
      });
    }),
  );
});

for (const [limits, expected] of [
  [{}, /either above or below/],
  [{ above: 1, below: 2 }, /either above or below/],
  [{ above: 60, back: 61 }, /back 61/],
  [{ below: 5, back: 4 }, /back 4/],
] as const) {
  test(`a rule that makes no sense is refused at declaration: ${JSON.stringify(limits)}`, (t) => {
    t.throws(() => rule(limits), { instanceOf: RangeError, message: expected });
  });
}

test('values missing from the first sample are logged once, with those that exist', (t) => {
  const samples = [{ temp: 20, humidity: '55' }, { temp: 21 }];
  const world = createSettled(t, {
    app: (board) =>
      board.sensor({
        reports: measurement({
          type: 'acme_Air',
          fragments: { acme_Air: { T: { of: 'temperature' }, h: { of: 'humidity' }, t: { of: 'temp' } } },
        }),
        sensor: { sample: (): Record<string, unknown> => samples.shift() ?? { temp: 22 } },
        rules: [{ of: 'tmp', above: 3, type: 'acme_Warm', severity: 'MINOR', text: 'warm' }],
      }),
  });
  world.run(300_000);
  const said = world.device.lines.filter((line) => line.includes('sensor for acme_Air'));
  t.deepEqual(said, [
    'warn: sensor for acme_Air: its sample has no number temperature, humidity, tmp; it has temp, humidity',
  ]);
  t.true(measurementsOf(world.platform, world.object?.id ?? '').length > 2);
  world.finish();
});

test('an invalid sensor is an error of the app and is named', (t) => {
  const reports = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature' } } } });
  for (const sensor of [undefined, null, {}, { sample: 7 }]) {
    t.throws(() => new SensorPort({ reports, sensor: sensor as unknown as Sensor }, 0), {
      instanceOf: RangeError,
      message: 'sensor for acme_Air: it has no sample()',
    });
  }
});
