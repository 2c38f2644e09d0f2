// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { measurement } from '../../src/cumulocity/measurement.ts';

const PUMP = measurement({
  type: 'x_Pump',
  fragments: {
    x_In: { bar: { of: 'before' }, rpm: { of: 'speed', decimals: 0, unit: '1/"m"' } },
    x_Out: { bar: { of: 'after', unit: '°' } },
  },
});

function written(...values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    view.setFloat64(8 * i, value, true);
  });
  const to = new ByteWriter(64, 4096);
  PUMP.write(to, view, 0);
  return Buffer.from(to.bytes.slice(0, to.end)).toString();
}

test('a measurement has the series that have a value, each in its fragment', (t) => {
  const [bar, rpm, out] = [
    '"bar":{"value":1.50}',
    '"rpm":{"value":7,"unit":"1/\\"m\\""}',
    '"bar":{"value":2.00,"unit":"°"}',
  ];
  const none = Number.NaN;
  t.is(written(1.5, 7, 2), `{"type":"x_Pump","x_In":{${bar},${rpm}},"x_Out":{${out}}`);
  t.is(written(none, 7, 2), `{"type":"x_Pump","x_In":{${rpm}},"x_Out":{${out}}`);
  t.is(written(1.5, none, none), `{"type":"x_Pump","x_In":{${bar}}`);
  t.is(written(none, none, 2), `{"type":"x_Pump","x_Out":{${out}}`);
  t.is(written(none, none, none), '{"type":"x_Pump"');
});

test('records on flash find their template after an update of the firmware: its key does not change', (t) => {
  const definition = { type: 'c8y_T', fragments: { c8y_T: { T: { of: 'temperature', unit: '°C' } } } };
  t.is(measurement(definition).key, 1577006723);
  t.not(measurement({ ...definition, type: 'c8y_U' }).key, 1577006723);
});

test('a measurement that is too long for a request is refused', (t) => {
  const unit = 'm'.repeat(70_000);
  t.throws(() => measurement({ type: 'x', fragments: { x: { a: { of: 'a', unit } } } }), {
    message: /x: .*65536 bytes/,
  });
});
