// SPDX-License-Identifier: Apache-2.0

import flash from 'embedded:storage/flash';
import update from 'embedded:update';
import FFI from 'mc/ffi';
import { checkSleep } from '../../common/checks.ts';
import type { FirmwareSlots, Sensor, Sleep, Watchdog } from '../../hal.ts';
import { openFirmware } from '../firmware.ts';
import { readLed } from '../indicator.ts';
import type { Connectors } from '../sensors/part.ts';
import { digitalOutput } from '../sensors/pins.ts';

/* Optional services of a chip: each is undefined when the firmware lacks it. */

let ffi: FFI | undefined;

/** The C functions that the manifest names under `ffi`. */
export function functions(): FFI {
  ffi ??= new FFI();
  return ffi;
}

/** @param expectRestart called with true before the chip restarts, and with false when the restart failed */
export function createFirmware(expectRestart: (isExpected: boolean) => void): FirmwareSlots | undefined {
  return openFirmware({
    nextBytes: () => flash.open({ path: 'nextota', mode: 'r' }).status().size,
    open(byteLength) {
      // Sequential mode erases while it writes; erasing all at once would take seconds.
      return update.open({ partition: flash.open({ path: 'nextota' }), mode: 'a', byteLength });
    },
    state: () => functions().fractus_firmware_state(),
    hasInvalid: () => functions().fractus_firmware_has_invalid() !== 0,
    confirm: () => functions().fractus_firmware_confirm(),
    rollBack() {
      expectRestart(true);
      const error = functions().fractus_firmware_roll_back();
      expectRestart(false);
      return error;
    },
  });
}

export const sleep: Sleep = {
  deep(durationMs) {
    checkSleep(durationMs);
    functions().fractus_deep_sleep(durationMs);
  },
};

export function createWatchdog(): Watchdog | undefined {
  const periodMs = functions().fractus_watchdog_period();
  return periodMs > 0 ? { periodMs, feed: () => functions().fractus_watchdog_feed() } : undefined;
}

/** `temperature` of the chip in °C, which depends on the ambient temperature and on the load. */
export function createChipSensor(): Sensor | undefined {
  if (Number.isNaN(functions().fractus_chip_celsius())) return undefined;
  const sample = { temperature: 0 };
  return {
    sample() {
      const celsius = functions().fractus_chip_celsius();
      if (Number.isNaN(celsius)) return undefined;
      sample.temperature = celsius;
      return sample;
    },
  };
}

/** The light of the key `led`, or else of the board; undefined when there is none. */
export function createLight(led: unknown, connectors: Connectors): ((on: boolean) => void) | undefined {
  const { pin = device.pin?.led, activeLow = false } = readLed(led) ?? {};
  if (typeof pin !== 'number' || led === 'no') return undefined;
  try {
    const { write } = digitalOutput({ pin, activeLow }).open(connectors);
    return (on) => write(on ? 1 : 0);
  } catch {
    return undefined;
  }
}
