// SPDX-License-Identifier: Apache-2.0

import type { Firmware, LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import type { Panic } from '../device/programs.ts';
import { VirtualDevice, type VirtualDeviceOptions } from '../device/virtual-device.ts';

interface BoardOptions {
  readonly dataDir: string;
  readonly firmware: Firmware;
  /** Makes the programs of the board, which call back when their machine ends. */
  programs(ends: {
    onPanic(panic: Panic): void;
    onExit(error: Error): void;
  }): Pick<VirtualDeviceOptions, 'program' | 'runImage'>;
}

/** Runs a virtual board in this process, until it is killed. A failure of the board ends the process. */
export function runBoard({ dataDir, firmware, programs }: BoardOptions): void {
  const log = (level: LogLevel, line: string) => void process.stdout.write(`${level} ${line}\n`);
  const device: VirtualDevice = new VirtualDevice({
    flash: new Flash({ dataDir, report: (line) => log('warn', line) }),
    ...programs({ onPanic: (panic) => device.panic(panic), onExit: (error) => device.fail(error) }),
    firmware,
    resources: {},
    log,
  });
  device.failure.catch((error: Error) => {
    log('error', error.message);
    process.exit(1);
  });
  device.start();
}
