// SPDX-License-Identifier: Apache-2.0

import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { oneLine } from '../../src/bytes/text.ts';
import { checkOutput } from '../common/checks.ts';
import { thrownText } from '../common/guard.ts';
import { createRandom } from '../common/random.ts';
import { isEnrolled } from '../common/store-checks.ts';
import type { Actuator, Board, Firmware, Hal, LogLevel, LogListener, ResetCause, Sensor } from '../hal.ts';
import { NodeClock } from './clock.ts';
import { Flash, type FlashOptions } from './flash.ts';
import { NodeNetwork } from './network.ts';
import { createSensors } from './sensors.ts';
import { NodeTimers } from './timer.ts';
import { verifyP256 } from './verify.ts';
import type { VirtualPoints } from './wifi.ts';

/** A little less than the TCP windows of an ESP32, which have 5,744 to 8,192 bytes. */
const WINDOW_BYTES = 4096;
/** What a virtual board calls itself, so that it takes firmware that was made for it. */
export const VIRTUAL_MODEL = 'ESP32 (virtual)';

/** Options of `createNodeHal`. */
export interface NodeHalOptions extends Omit<FlashOptions, 'report'> {
  /** The flash of a board that restarts; absent: one is opened from `dataDir`, `mac`, `capacityBytes`. */
  flash?: Flash | undefined;
  /** Facts about the board that replace the defaults. */
  board?: Partial<Pick<Board, 'model' | 'revision' | 'serialNumber'>> | undefined;
  firmware?: Firmware | undefined;
  /** The slots of the flash take firmware; `flash.slots.boot` is called before each start. Default: false. */
  hasSlots?: boolean | undefined;
  /** Paths of files, or the bytes themselves, by name. */
  resources?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Absent: simulated ones (thermometer, hygrometer, barometer, radio). */
  sensors?: Readonly<Record<string, Sensor>> | undefined;
  /** Absent: a relay. */
  actuators?: Readonly<Record<string, Actuator>> | undefined;
  /** Makes sensors and jitter repeatable. */
  seed?: number | undefined;
  windowBytes?: number | undefined;
  signalDbm?: number | undefined;
  /** Wi-Fi networks in reach: the board was flashed for the first. Absent: it has a cable. */
  wifi?: VirtualPoints | undefined;
  /** Absent: the resolver of the host. */
  lookup?: LookupFunction | undefined;
  log?: ((level: LogLevel, line: string) => void) | undefined;
  /** The agent wants a restart; this HAL calls nothing any more. Make a new one with the same flash. */
  onRestart?: ((reason: string) => void) | undefined;
}

/** A HAL on Node. */
export interface NodeHal extends Hal {
  readonly network: NodeNetwork;
  /** Ends everything: no callback is called any more, and a flash that this HAL has opened is closed. */
  close(): void;
}

/** A relay that shows its state in `value`. */
export class Relay implements Actuator {
  value = 0;

  write(value: number): void {
    checkOutput(value);
    this.value = value;
  }
}

/**
 * A virtual board on Node: real sockets and TLS, files as flash, simulated sensors.
 * @throws DirectoryBusyError when another device uses `dataDir`; Error for a resource that cannot be read.
 */
export function createNodeHal(options: NodeHalOptions = {}): NodeHal {
  const { onRestart = () => {}, seed } = options;
  let onLine: LogListener | undefined;
  const log = (level: LogLevel, line: string) => {
    const shown = oneLine(line);
    options.log?.(level, shown);
    onLine?.(level, shown);
  };
  const resources = readResources(options.resources ?? {});
  const flash = options.flash ?? new Flash({ ...options, report: (line) => log('warn', line) });
  const clock = new NodeClock();
  const end = (cause: ResetCause, reason: string) => {
    network.close();
    timers.close();
    flash.resetCause = cause;
    setImmediate(onRestart, reason);
  };
  const onThrown = (error: unknown) => {
    log('error', thrownText(error));
    // The stack trace, for the author of the program.
    const [, ...places] = (error instanceof Error && error.stack?.split('\n')) || [];
    for (const place of places) log('error', place);
    end('panic', thrownText(error));
  };
  const timers = new NodeTimers(clock, onThrown);
  const resource = (name: string) => {
    const bytes = resources.get(name) ?? (isEnrolled(name) ? flash.store.get(name) : undefined);
    return bytes && new Uint8Array(bytes);
  };
  const { windowBytes = WINDOW_BYTES, signalDbm, lookup } = options;
  const wifi = options.wifi && { points: options.wifi, flash };
  const network = new NodeNetwork({ resource, windowBytes, signalDbm, lookup, onThrown, wifi });

  return {
    board: createBoard(options, flash),
    clock,
    network,
    store: flash.store,
    flash: flash.region,
    sensors: options.sensors ?? createSensors(clock, seed ?? randomSeed()),
    actuators: options.actuators ?? { relay: new Relay() },
    createTimer: (onTimeout) => timers.create(onTimeout),
    random: seed === undefined ? Math.random : createRandom(seed),
    secureRandom: (into) => void randomFillSync(into),
    verify: verifyP256,
    ...(options.hasSlots && { firmware: flash.slots.open(() => end('software', 'back to the former firmware')) }),
    resource,
    log,
    onLog: (listener) => {
      onLine = listener;
    },
    restart: (reason) => end('software', reason),
    close() {
      network.close();
      timers.close();
      if (!options.flash) flash.close();
    },
  };
}

function createBoard({ board = {}, firmware }: NodeHalOptions, flash: Flash): Board {
  const { resetCause } = flash;
  flash.resetCause = 'power-on';
  return {
    model: board.model ?? VIRTUAL_MODEL,
    revision: board.revision ?? '1.0',
    serialNumber: board.serialNumber ?? `virtual-${flash.mac}`,
    mac: flash.mac,
    firmware: firmware ?? { name: 'fractus', version: '0.0.0', buildTimeMs: 0 },
    bootCount: flash.countBoot(),
    resetCause,
    // No figure of a process means the same as on a board.
    freeBytes: () => undefined,
    largestFreeBlockBytes: () => undefined,
  };
}

function readResources(sources: Readonly<Record<string, string | Uint8Array>>): Map<string, Uint8Array> {
  const resources = new Map<string, Uint8Array>();
  for (const [name, source] of Object.entries(sources)) {
    resources.set(name, typeof source === 'string' ? readFileSync(source) : source);
  }
  return resources;
}

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
