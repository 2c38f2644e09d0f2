// SPDX-License-Identifier: Apache-2.0

import type { Board, Hal, Sensor } from '../hal.ts';
import type { FakeNetwork, FakeNetworkPort } from './network.ts';
import type { FakeNorOptions } from './nor.ts';
import type { VirtualTime } from './time.ts';
import type { FakeWifiOptions } from './wifi.ts';

/** The HAL of one start; tests also control its network. */
export type FakeHal = Hal & { readonly network: FakeNetworkPort };

export interface FakeMachineOptions {
  /** Shared with other machines and the platform; absent: its own. */
  time?: VirtualTime | undefined;
  network?: FakeNetwork | undefined;
  /** All randomness of this machine follows from it. */
  seed?: number | undefined;
  board?: Partial<Omit<Board, 'bootCount' | 'resetCause'>> | undefined;
  resources?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Absent: a thermometer that reports 20 °C. */
  sensors?: Readonly<Record<string, Sensor>> | undefined;
  /** Names of its outputs; absent: a relay. */
  outputs?: readonly string[] | undefined;
  capacityBytes?: number | undefined;
  /** Absent: a board without raw flash. */
  nor?: FakeNorOptions | undefined;
  /** Time from the reset to the first line of the program. */
  bootMs?: number | undefined;
  /** Number of starts before the first one here. Default 0. */
  bootCount?: number | undefined;
  /** First value of `ticks()` at each start; some boards do not begin at 0. */
  firstTick?: number | undefined;
  /** Absent: no watchdog. It restarts the machine if it is not fed in time. */
  watchdogMs?: number | undefined;
  /** Absent: the firmware cannot be replaced. */
  firmwareBytes?: number | undefined;
  /** Absent: no module slot. */
  modulesBytes?: number | undefined;
  /** The network that it is flashed for, and the networks in reach; absent: a link that cannot be changed. */
  wifi?: FakeWifiOptions | undefined;
  /** Default: it cannot sleep. */
  sleeps?: boolean | undefined;
  /** The program: called at each start. */
  onBoot?: ((hal: FakeHal) => void) | undefined;
}

/** The facts of `board` that the options do not give. */
export const DEFAULT_BOARD = {
  model: 'ESP32 (fake)',
  revision: '1.0',
  serialNumber: 'fake-0200000000fa',
  mac: '0200000000fa',
  firmware: { name: 'fractus', version: '0.0.0', buildTimeMs: Date.UTC(2026, 0, 1) },
  freeBytes: () => 60_000,
  largestFreeBlockBytes: () => 30_000,
};
