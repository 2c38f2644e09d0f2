// SPDX-License-Identifier: Apache-2.0

import type { Connectors, SensorPart } from '../../../../hal/esp32/sensors/part.ts';
import { analogInput, battery, digitalInput, digitalOutput } from '../../../../hal/esp32/sensors/pins.ts';
import { Probe } from '../../../../hal/esp32/sensors/probe.ts';
import { RadioSensor } from '../../../../hal/esp32/sensors/radio.ts';
import { thermocouple } from '../../../../hal/esp32/sensors/spi.ts';
import type { Network } from '../../../../hal/hal.ts';
import type { XsListener } from '../../../../hal/xs/host.ts';
import { Op } from '../../../../hal/xs/protocol.ts';

/** What runs once per sample on a board, by name; each call is a sample of its own. */
function hotPaths(): readonly (readonly [string, () => void])[] {
  let ticks = 0;
  const clock = { ticks: () => (ticks += 1000), now: () => undefined, set: () => {} };
  class Pin {
    readonly resolution = 12;
    level = 1000;
    read(): number {
      return this.level;
    }
    write(value: number): void {
      this.level = value;
    }
    close(): void {}
  }
  class Spi {
    read(into: Uint8Array): void {
      into[1] = 0x90;
    }
    close(): void {}
  }
  const connectors = { Analog: Pin, Digital: Pin } as unknown as Connectors;
  const probe = ({ part, values, open }: SensorPart) => {
    const made = new Probe({ part, values, clock, open: () => open(connectors) });
    return () => void made.sample();
  };
  const raw = { thermometer: { temperature: 21.5 }, hygrometer: { humidity: 0.4 } };
  const nested: SensorPart = {
    part: 'nested',
    values: {
      temperature: { from: 'thermometer.temperature', least: -40, most: 125 },
      humidity: { from: 'hygrometer.humidity', times: 100, least: 0, most: 100 },
    },
    open: () => ({ sample: () => raw }),
  };
  const absent: SensorPart = {
    ...nested,
    open() {
      throw new Error('write failed');
    },
  };
  let stopped = 0;
  const failing = new Probe({
    part: 'absent',
    values: absent.values,
    clock: { ...clock, ticks: () => stopped },
    open: () => absent.open(connectors),
  });
  const radio = new RadioSensor({ signalDbm: -60 } as unknown as Network);
  const relay = digitalOutput({ pin: 26 }).open(connectors);
  return [
    ['nested values', probe(nested)],
    ['ADC', probe(analogInput({ pin: 34 }))],
    ['battery', probe(battery({ pin: 34, divider: 2 }))],
    ['digital input', probe(digitalInput({ pin: 4 }))],
    ['digital output', () => relay.write(1)],
    ['thermocouple', probe(thermocouple({ io: Spi, clock: 18, in: 19, select: 5 }))],
    ['radio', () => void radio.sample()],
    [
      'a part that is left alone',
      () => {
        stopped = 1;
        try {
          failing.sample();
        } catch {
          // The same error each time.
        }
      },
    ],
  ];
}

/** Tells the names, and runs one path each time one of its timers fires. */
export function main(): void {
  const paths = hotPaths();
  for (const [name] of paths) xsHost.send(Op.Log, 0, 0, 0, name);
  const listener: XsListener = { event: (_op, id) => paths[id]?.[1]() };
  xsHost.listen(listener);
  for (let id = 0; id < paths.length; id++) xsHost.send(Op.TimerStart, id, 0, 0);
}
