// SPDX-License-Identifier: Apache-2.0
/** `fractus device`: one virtual ESP32 for any platform. */

import type { LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { ConfigError } from '../../src/config.ts';
import { settingsOf } from '../author/app.ts';
import {
  appArgument,
  DEVICE_USAGE,
  type DeviceArguments,
  deviceHelp,
  readDeviceArguments,
} from '../device/device-arguments.ts';
import { LiveApp } from '../device/live-app.ts';
import { NodeProgram, Panic } from '../device/programs.ts';
import { VirtualDevice } from '../device/virtual-device.ts';
import { refusalOf } from '../terminal/command.ts';
import { logLine, wantsColour } from '../terminal/log.ts';
import { unlessEnded, untilSignal } from '../terminal/signal.ts';

/**
 * Runs a device until SIGINT or SIGTERM. Resolves with the exit code: 0 after an orderly end, 2 for bad arguments or
 * configuration, 1 when it cannot run, for example because another device uses its directory.
 */
export async function deviceCommand(args: string[]): Promise<number> {
  let options: DeviceArguments;
  try {
    options = readDeviceArguments(args, await settingsOf(appArgument(args)));
  } catch (error) {
    console.error(`fractus device: ${refusalOf(error, DEVICE_USAGE)}\n\n${DEVICE_USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(deviceHelp());
    return 0;
  }
  try {
    await run(options);
    return 0;
  } catch (error) {
    console.error(`fractus device: ${(error as Error).message}`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** Resolves after an orderly end. */
async function run({ runtime, dataDir, config, resources, app, watch }: DeviceArguments): Promise<void> {
  const colour = wantsColour(process.stdout);
  const log = (level: LogLevel, line: string) => void process.stdout.write(`${logLine(level, line, { colour })}\n`);
  const signal = untilSignal();
  const flash = new Flash({ dataDir, report: (line) => log('warn', line) });
  let device: VirtualDevice | undefined;
  let live: LiveApp | undefined;
  const onPanic = (panic: Panic) => device?.panic(panic);
  try {
    checkBootstrap(config, flash);
    live = new LiveApp({
      app,
      runtime,
      config,
      onTrouble: (error) => log('error', error.message),
      onFallback: (line) => log('warn', line),
      report: (line) => log('info', line),
      onPanic,
      onExit: (error) => device?.fail(error),
    });
    const choice = await Promise.race([live.choose().catch(unlessEnded(signal)), signal]);
    if (!choice) return;
    const { program, firmware, runImage, engine } = choice;
    if (program instanceof NodeProgram) catchPanics(onPanic);
    log('info', `a virtual ESP32 on ${engine}${dataDir === undefined ? '' : `, its flash in ${dataDir}`}`);
    device = new VirtualDevice({ flash, program, firmware, runImage, resources, log });
    device.start();
    if (watch) live.watch(device);
    await Promise.race([device.failure, signal]);
  } finally {
    live?.close();
    await device?.stop();
    flash.close();
  }
}

/** @throws ConfigError when the device has no credentials and no way to request them */
function checkBootstrap({ auth, bootstrapPassword }: DeviceArguments['config'], flash: Flash): void {
  if (auth === 'certificate' || bootstrapPassword !== undefined || flash.store.get('credentials')) return;
  throw new ConfigError(
    'bootstrapPassword',
    'bootstrapPassword: missing; the device needs it until it has credentials; allowed: the password of bootstrapUser',
  );
}

/** Reports uncaught exceptions as panics, as on a board. */
export function catchPanics(onPanic: (panic: Panic) => void): void {
  process.on('uncaughtException', (error) => {
    onPanic(new Panic(`unhandled exception: ${error.stack ?? error.message}`, { cause: error }));
  });
}
