// SPDX-License-Identifier: Apache-2.0

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../places.ts';

const USAGE = `usage: fractus <command>

  create      a project of your own
  start       an emulated platform and one virtual ESP32 on it
  platform    the emulated platform alone
  device      one virtual ESP32 against any platform
  operate     sends a device an operation and waits for its end
  fleet       many virtual devices against any platform, also as one share of more
  connect     tests the way of such a device to a platform, layer by layer
  simulate    lives of devices in virtual time, with faults that a seed decides
  torture     virtual devices that are killed with kill -9
  bench       speed and memory
  check       what in a project would fail on a board only
  build       the device's bundle and the XS host
  deploy      builds a firmware and flashes it
  flash       a page with which a browser flashes a board and sets it up
  image       all of a board's flash as one file; for a factory one for each board
  monitor     the console of a board

fractus <command> --help says more.`;

/** Runs one command; resolves with the exit code. */
export async function main([command = '', ...args]: string[]): Promise<number> {
  switch (command) {
    case 'start':
      return (await import('./start.ts')).startCommand(args);
    case 'platform':
      return (await import('../platform/cli.ts')).platformCommand(args);
    case 'device':
      return (await import('./device.ts')).deviceCommand(args);
    case 'operate':
      return (await import('./operate.ts')).operateCommand(args);
    case 'fleet':
      return (await import('../fleet/command.ts')).fleetCommand(args);
    case 'connect':
      return (await import('./connect.ts')).connectCommand(args);
    case 'bench':
      return (await import('../bench/bench.ts')).benchCommand(args);
    case 'simulate':
      return (await import('../simulate/launch.ts')).launchSimulator(args);
    case 'torture':
      return (await import('../torture/command.ts')).tortureCommand(args);
    case 'check':
      return (await import('./check.ts')).checkCommand(args);
    case 'create':
      return (await import(pathToFileURL(path.join(ROOT, 'create/create.js')).href)).createCommand(
        args,
        'fractus create',
      );
    case 'build':
      return (await import('./build.ts')).buildCommand(args);
    case 'deploy':
      return (await import('./deploy.ts')).deployCommand(args);
    case 'flash':
      return (await import('./flash.ts')).flashCommand(args);
    case 'image':
      return (await import('./image.ts')).imageCommand(args);
    case 'monitor':
      return (await import('./deploy.ts')).monitorCommand(args);
    case '':
    case '--help':
    case '-h':
    case 'help':
      console.log(USAGE);
      return command === '' ? 2 : 0;
    default:
      console.error(`fractus: there is no command ${JSON.stringify(command)}\n\n${USAGE}`);
      return 2;
  }
}
