// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { connectActuators, connectSensors, readBus, readSensors } from '../../../../hal/esp32/sensors/connect.ts';
import type { ActuatorPart, Connectors, SensorPart } from '../../../../hal/esp32/sensors/part.ts';

const clock = { ticks: () => 0, now: () => undefined, set: () => {} };

function createPart(part: string, kinds: readonly string[], value: number): SensorPart {
  return {
    part,
    kinds,
    values: { temperature: { from: 'temperature', least: -40, most: 125 } },
    open: () => ({ sample: () => ({ temperature: value }) }),
  };
}

function createScene(connectors: Connectors | undefined = {} as Connectors) {
  const lines: string[] = [];
  return { lines, options: { connectors, clock, log: (_: string, line: string) => void lines.push(line) } };
}

test('a part is there by its own name and by what it is; the first declared comes first', (t) => {
  const sensors = connectSensors(
    { attic: createPart('A', ['thermometer'], 30), cellar: createPart('B', ['thermometer', 'hygrometer'], 10) },
    createScene().options,
  );
  t.deepEqual(Object.keys(sensors).sort(), ['attic', 'cellar', 'hygrometer', 'thermometer']);
  t.is(sensors['thermometer'], sensors['attic']);
  t.is(sensors['hygrometer'], sensors['cellar']);
  t.deepEqual(sensors['thermometer']?.sample(), { temperature: 30 });
});

test("an author's own sensor is taken as it is, and its name is never that of a part", (t) => {
  const own = { sample: () => ({ temperature: 1 }) };
  const sensors = connectSensors(
    { attic: createPart('A', ['thermometer'], 30), thermometer: own },
    createScene().options,
  );
  t.is(sensors['thermometer'], own);
});

test('nothing is opened before the first sample', (t) => {
  let opened = 0;
  const part = { ...createPart('A', [], 1), open: () => ({ sample: () => ({ temperature: ++opened }) }) };
  const sensors = connectSensors({ a: part }, createScene().options);
  t.is(opened, 0);
  t.deepEqual(sensors['a']?.sample(), { temperature: 1 });
});

test('a machine without pins says so for each sample of a part', (t) => {
  const { options } = createScene();
  const sensors = connectSensors({ a: createPart('A', [], 1) }, { ...options, connectors: undefined });
  t.throws(() => sensors['a']?.sample(), { message: 'A: this machine has no pins' });
});

test('an output whose pin cannot be had is told of and left out', (t) => {
  const { lines, options } = createScene();
  const written: number[] = [];
  const good: ActuatorPart = { part: 'good', open: () => ({ write: (value) => void written.push(value) }) };
  const taken: ActuatorPart = {
    part: 'output on pin 6',
    open() {
      throw new Error('in use');
    },
  };
  const actuators = connectActuators({ relay: taken, fan: good, own: { write: () => {} } }, options);
  t.deepEqual(Object.keys(actuators), ['fan', 'own']);
  actuators['fan']?.write(1);
  t.deepEqual(written, [1]);
  t.deepEqual(lines, ['relay, output on pin 6: in use']);
});

const PARTS = {
  sht3x: ({ address }: { address?: number } = {}) => createPart(`SHT3x ${address}`, ['thermometer'], 1),
  bmp280: ({ address }: { address?: number } = {}) => createPart(`BMP280 ${address}`, ['thermometer'], 2),
};

test('the key sensors: parts, their names and addresses', (t) => {
  const lines: string[] = [];
  const declared = readSensors(' SHT3x, attic:BMP280@0x77 ,cellar:bmp280@118', PARTS, (line) => lines.push(line));
  const parts = Object.entries(declared).map(([name, { part }]) => [name, part]);
  t.deepEqual(parts, [
    ['sht3x', 'SHT3x undefined'],
    ['attic', 'BMP280 119'],
    ['cellar', 'BMP280 118'],
  ]);
  t.deepEqual(lines, []);
  for (const nothing of [undefined, '', 7]) t.deepEqual(readSensors(nothing, PARTS, t.fail), {});
});

test('the key sensors: what cannot be read is told of, and the others are there', (t) => {
  const bad = ['DHT22', 'constructor', 'sht3x@0x78', 'sht3x@', 'a b', ':sht3x', ''];
  for (const item of bad) {
    const lines: string[] = [];
    const declared = readSensors(`${item},bmp280`, PARTS, (line) => lines.push(line));
    t.deepEqual(Object.keys(declared), ['bmp280'], item);
    t.is(lines.length, 1);
    t.regex(lines[0] ?? '', /allowed: \[name:\]part\[@address\], parts: sht3x, bmp280$/);
  }
});

test('the key sensors: two of the same kind need a name', (t) => {
  const lines: string[] = [];
  const declared = readSensors('SHT3x@0x44, SHT3x@0x45, two:SHT3x@0x45, __proto__:SHT3x', PARTS, (line) =>
    lines.push(line),
  );
  t.deepEqual(Object.keys(declared).slice(0, 2), ['sht3x', 'two']);
  t.deepEqual(lines.slice(0, 1), ['sensors: "SHT3x@0x45": the name is taken; allowed: name:part@address']);
});

test('the key i2c: two pins', (t) => {
  t.deepEqual(readBus('21, 22'), { data: 21, clock: 22 });
  for (const bad of [undefined, '', '21', '21;22', 'a,b', '1,2,3', '21,49', '99,22', '21,21', 7])
    t.is(readBus(bad), undefined);
});
