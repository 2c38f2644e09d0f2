// SPDX-License-Identifier: Apache-2.0

import { type App, type AppBoard, type AppChild, measurement } from 'fractus';
import type { Thermometers } from 'fractus/one-wire';

const SEARCH_MS = 60_000;
/** Searches without an answer until a thermometer is out of reach, and until it is gone for good. */
const SILENT = 3;
const GONE = 60;

const TEMPERATURE = measurement({
  type: 'c8y_TemperatureMeasurement',
  fragments: { c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

/** A thermometer that was found, and the number of searches since that did not find it. */
interface Found {
  readonly child: AppChild;
  missed: number;
}

/**
 * A gateway that declares the thermometers on its bus. A thermometer is identified by its ROM code: at another gateway
 * it stays the same device.
 */
export function createApp(bus: Thermometers): App {
  return (board) => {
    const found = new Map<string, Found>();
    const timer = board.hal.createTimer(() => {
      timer.start(SEARCH_MS);
      look(board, bus, found);
    });
    look(board, bus, found);
    timer.start(SEARCH_MS);
  };
}

function look(board: AppBoard, bus: Thermometers, found: Map<string, Found>): void {
  const there = bus.search();
  for (const rom of there) {
    const known = found.get(rom);
    if (known === undefined) found.set(rom, { child: declare(board, bus, rom), missed: 0 });
    else if (known.missed >= SILENT) known.child.reachable(true);
    if (known !== undefined) known.missed = 0;
  }
  for (const [rom, each] of found) {
    if (there.includes(rom)) continue;
    each.missed++;
    if (each.missed === SILENT) each.child.reachable(false);
    if (each.missed < GONE) continue;
    each.child.remove();
    found.delete(rom);
  }
}

function declare(board: AppBoard, bus: Thermometers, rom: string): AppChild {
  const child = board.child(rom, {
    name: `Thermometer ${rom}`,
    type: 'acme_Thermometer',
    externalId: { type: 'acme_1Wire', id: rom },
    hardware: { model: 'DS18B20', serialNumber: rom },
  });
  child.sensor({ reports: TEMPERATURE, sensor: { sample: () => ({ temperature: bus.temperatureOf(rom) }) } });
  // The thermometer answers, so an earlier alarm is over.
  child.reachable(true);
  return child;
}
