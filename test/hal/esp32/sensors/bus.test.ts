// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type DriverClass, type I2cSensorOptions, i2cSensor } from '../../../../hal/esp32/sensors/bus.ts';
import type { Connectors, SmbusIo } from '../../../../hal/esp32/sensors/part.ts';

/** A bus whose io remembers its options and whether it is open. */
function createBus(readUint8: (register: number) => number = () => 0) {
  const opened: { options: Readonly<Record<string, unknown>>; open: boolean }[] = [];
  class FakeIo {
    readonly #entry: { options: Readonly<Record<string, unknown>>; open: boolean };
    constructor(options: Readonly<Record<string, unknown>>) {
      this.#entry = { options, open: true };
      opened.push(this.#entry);
    }
    readUint8(register: number): number {
      return readUint8(register);
    }
    close(): void {
      this.#entry.open = false;
    }
  }
  const bus = { data: 21, clock: 22 };
  return { opened, connectors: { I2C: FakeIo, SMBus: FakeIo, bus } as unknown as Connectors };
}

type DriverOptions = ConstructorParameters<DriverClass>[0];

class Soil {
  readonly io: SmbusIo;
  constructor({ sensor }: DriverOptions) {
    const Io = sensor['io'] as new (options: object) => SmbusIo;
    this.io = new Io({ hz: 100_000, address: 0x28, ...sensor });
  }
  sample(): unknown {
    return { moisture: this.io.readUint8(1) };
  }
  close(): void {
    throw new Error('the driver wants to say goodbye');
  }
}

const SOIL: I2cSensorOptions<'SMBus'> = {
  part: 'soil',
  driver: Soil,
  io: 'SMBus',
  values: { moisture: { from: 'moisture', least: 0, most: 100 } },
};

test("the driver opens the board's bus, at its own address or another", (t) => {
  const { opened, connectors } = createBus(() => 42);
  t.deepEqual(i2cSensor(SOIL).open(connectors).sample(), { moisture: 42 });
  i2cSensor({ ...SOIL, address: 0x29, data: 5, clock: 6 }).open(connectors);
  const [first, second] = opened.map(({ options: { data, clock, address } }) => ({ data, clock, address }));
  t.deepEqual(first, { data: 21, clock: 22, address: 0x28 });
  t.deepEqual(second, { data: 5, clock: 6, address: 0x29 });
  t.is(i2cSensor({ ...SOIL, address: 0x29 }).part, 'soil at 0x29');
});

test('io is closed also where the driver fails to', (t) => {
  const { opened, connectors } = createBus();
  i2cSensor(SOIL).open(connectors).close?.();
  t.false(opened[0]?.open);
});

test('a driver that throws while it opens leaves nothing open', (t) => {
  const { opened, connectors } = createBus();
  class Absent extends Soil {
    constructor(options: DriverOptions) {
      super(options);
      throw new Error('unexpected sensor');
    }
  }
  t.throws(() => i2cSensor({ ...SOIL, driver: Absent }).open(connectors), { message: 'unexpected sensor' });
  t.is(opened.length, 1);
  t.false(opened[0]?.open);
});

test('a driver that only tells of its failure has failed', (t) => {
  const { opened, connectors } = createBus();
  class Teller extends Soil {
    readonly #tell: DriverOptions['onError'];
    constructor(options: DriverOptions) {
      super(options);
      this.#tell = options.onError;
      if (options.sensor['address'] === 0x11) this.#tell('unexpected sensor');
    }
    override sample(): unknown {
      this.#tell('bad checksum');
      return super.sample();
    }
  }
  t.throws(() => i2cSensor({ ...SOIL, driver: Teller, address: 0x11 }).open(connectors), {
    message: 'unexpected sensor',
  });
  t.false(opened[0]?.open);
  const driver = i2cSensor({ ...SOIL, driver: Teller }).open(connectors);
  t.throws(() => driver.sample(), { message: 'bad checksum' });
  t.throws(() => driver.sample(), { message: 'bad checksum' });
});

test('the watch decides whether the driver is asked', (t) => {
  let state = 0x33;
  const { connectors } = createBus((register) => (register === 0x0f ? state : 7));
  const watch = (io: SmbusIo) => () => {
    const id = io.readUint8(0x0f);
    if (id === 0) throw new Error('it is gone');
    return id === 0x33;
  };
  const driver = i2cSensor({ ...SOIL, watch }).open(connectors);
  t.deepEqual(driver.sample(), { moisture: 7 });
  state = 0x34;
  t.is(driver.sample(), undefined);
  state = 0;
  t.throws(() => driver.sample(), { message: 'it is gone' });
});

test('without pins for I²C it says so', (t) => {
  const { connectors } = createBus();
  t.throws(() => i2cSensor(SOIL).open({ ...connectors, bus: undefined }), { message: /key i2c/ });
});
