// SPDX-License-Identifier: Apache-2.0

import type { Actuator, Clock, LogLevel, Sensor } from '../../hal.ts';
import type { ActuatorPart, Connectors, SensorPart } from './part.ts';
import { Probe } from './probe.ts';

/** A sensor of the author, or a part that the HAL opens and guards. */
export type SensorDeclaration = Sensor | SensorPart;
export type ActuatorDeclaration = Actuator | ActuatorPart;

export interface ConnectOptions {
  /** Undefined: nothing can be connected to this machine. */
  readonly connectors: Connectors | undefined;
  readonly clock: Clock;
  log(level: LogLevel, line: string): void;
}

/**
 * Opens sensors, by name. A part is also available under each of its kinds, unless a sensor has that name: the first
 * declared thermometer is `thermometer`.
 */
export function connectSensors(
  declared: Readonly<Record<string, SensorDeclaration>>,
  options: ConnectOptions,
): Record<string, Sensor> {
  const sensors: Record<string, Sensor> = {};
  const kinds: Record<string, Sensor> = {};
  for (const name of Object.keys(declared)) {
    const declaration = declared[name] as SensorDeclaration;
    if ('sample' in declaration) {
      sensors[name] = declaration;
      continue;
    }
    const probe = guard(declaration, options);
    sensors[name] = probe;
    for (const kind of declaration.kinds ?? []) kinds[kind] ??= probe;
  }
  return { ...kinds, ...sensors };
}

function guard(part: SensorPart, { connectors, clock }: ConnectOptions): Probe {
  const open = () => {
    if (connectors === undefined) throw new Error('this machine has no pins');
    return part.open(connectors);
  };
  return new Probe({ part: part.part, values: part.values, clock, open });
}

/** Opens actuators, by name. An actuator whose pin cannot be opened is logged and left out. */
export function connectActuators(
  declared: Readonly<Record<string, ActuatorDeclaration>>,
  { connectors, log }: ConnectOptions,
): Record<string, Actuator> {
  const actuators: Record<string, Actuator> = {};
  for (const name of Object.keys(declared)) {
    const declaration = declared[name] as ActuatorDeclaration;
    if ('write' in declaration) {
      actuators[name] = declaration;
      continue;
    }
    try {
      if (connectors === undefined) throw new Error('this machine has no pins');
      actuators[name] = declaration.open(connectors);
    } catch (error) {
      log('error', `${name}, ${declaration.part}: ${error instanceof Error ? error.message : 'unavailable'}`);
    }
  }
  return actuators;
}

export type PartsByName = Readonly<Record<string, (options?: { readonly address?: number }) => SensorPart>>;

/**
 * Reads the key `sensors`: parts separated by commas, each `[name:]part[@address]`, as in `SHT3x, attic:BMP280@0x77`.
 * An invalid part is reported and left out.
 */
export function readSensors(
  text: unknown,
  parts: PartsByName,
  report: (line: string) => void,
): Record<string, SensorPart> {
  const declared: Record<string, SensorPart> = {};
  if (typeof text !== 'string' || text === '') return declared;
  for (const item of text.split(',')) {
    const [, name, kind = '', address] =
      /^\s*(?:([\w-]+):)?([\w-]+)(?:@(0x[0-9a-f]{1,2}|\d{1,3}))?\s*$/i.exec(item) ?? [];
    const key = kind.toLowerCase();
    const create = Object.hasOwn(parts, key) ? parts[key] : undefined;
    if (create === undefined || (address !== undefined && !(Number(address) <= 0x77))) {
      const known = Object.keys(parts).join(', ');
      report(`sensors: "${item.trim().slice(0, 40)}" is not allowed; allowed: [name:]part[@address], parts: ${known}`);
      continue;
    }
    if (Object.hasOwn(declared, name ?? key)) {
      report(`sensors: "${item.trim().slice(0, 40)}": the name is taken; allowed: name:part@address`);
      continue;
    }
    declared[name ?? key] = create(address === undefined ? {} : { address: Number(address) });
  }
  return declared;
}

/** Reads the key `i2c`: `data,clock`, two pin numbers. Undefined for any other text. */
export function readBus(text: unknown): { data: number; clock: number } | undefined {
  const [, data, clock] = typeof text === 'string' ? (/^\s*(\d{1,2})\s*,\s*(\d{1,2})\s*$/.exec(text) ?? []) : [];
  return isPin(data) && isPin(clock) && data !== clock ? { data: Number(data), clock: Number(clock) } : undefined;
}

/** Whether the text is a pin number of some ESP32: the S3 has the most pins. */
export function isPin(text: string | undefined): boolean {
  return text !== undefined && Number(text) <= 48;
}
