// SPDX-License-Identifier: Apache-2.0

import type { Board, Hal, Sensor } from '../hal.ts';
import type { FakeNetwork, FakeNetworkPort } from './network.ts';
import type { FakeNorOptions } from './nor.ts';
import type { VirtualTime } from './time.ts';
import type { FakeWifiOptions } from './wifi.ts';

/** The HAL of one start; its network takes orders too. */
export type FakeHal = Hal & { readonly network: FakeNetworkPort };

export interface FakeMachineOptions {
  /** Shared with other machines and the platform, or its own. */
  time?: VirtualTime | undefined;
  network?: FakeNetwork | undefined;
  /** Everything random of this machine follows from it. */
  seed?: number | undefined;
  board?: Partial<Omit<Board, 'bootCount' | 'resetCause'>> | undefined;
  resources?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Absent: a thermometer that says 20 °C. */
  sensors?: Readonly<Record<string, Sensor>> | undefined;
  /** Names of its outputs; absent: a relay. */
  outputs?: readonly string[] | undefined;
  capacityBytes?: number | undefined;
  /** Absent: a board without raw flash. */
  nor?: FakeNorOptions | undefined;
  /** From the reset to the first line of the program. */
  bootMs?: number | undefined;
  /** Starts that lie before the first one here. Default 0. */
  bootCount?: number | undefined;
  /** What `ticks()` says at each start; some boards do not begin at 0. */
  firstTick?: number | undefined;
  /** Absent: no watchdog. Not fed in time, it restarts the machine. */
  watchdogMs?: number | undefined;
  /** Absent: what runs cannot be replaced. */
  firmwareBytes?: number | undefined;
  /** Absent: there is no place for modules. */
  modulesBytes?: number | undefined;
  /** The network that it is made for, and those in its reach; absent: a link that cannot be changed. */
  wifi?: FakeWifiOptions | undefined;
  /** Default: it cannot sleep. */
  sleeps?: boolean | undefined;
  /** The program: called at each start. */
  onBoot?: ((hal: FakeHal) => void) | undefined;
}

/** What `board` says where the options do not. */
export const DEFAULT_BOARD = {
  model: 'ESP32 (fake)',
  revision: '1.0',
  serialNumber: 'fake-0200000000fa',
  mac: '0200000000fa',
  firmware: { name: 'fractus', version: '0.0.0', buildTimeMs: Date.UTC(2026, 0, 1) },
  freeBytes: () => 60_000,
  largestFreeBlockBytes: () => 30_000,
};
