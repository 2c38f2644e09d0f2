// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import type { App, AppBoard, AppDevice } from './api.ts';
import type { AppHal, AppNetwork } from './app-hal.ts';

/**
 * The same app with a machine that has only the members of `AppHal`. For a desk: on a board it would take memory, so a
 * build for a board checks the sources instead (`fractus check`).
 */
export function narrowed(app: App): App {
  const run = (board: AppBoard) => {
    const hal = appHalOf(board.hal as Hal);
    const child = board.child.bind(board);
    give(board, hal);
    // Defined, because nothing can be assigned over a method that lies in flash.
    const narrowedChild: AppBoard['child'] = (id, definition) => give(child(id, definition), hal);
    Object.defineProperty(board, 'child', { value: narrowedChild, configurable: true });
    app(board);
  };
  return app.settings === undefined ? run : Object.assign(run, { settings: app.settings });
}

function give<D extends AppDevice>(device: D, hal: AppHal): D {
  return Object.defineProperty(device, 'hal', { value: hal });
}

function appHalOf(hal: Hal): AppHal {
  const { board, clock, sensors, actuators, firmware, modules } = hal;
  return {
    board,
    clock,
    sensors,
    actuators,
    network: appNetworkOf(hal),
    createTimer: (onTimeout) => hal.createTimer(onTimeout),
    random: () => hal.random(),
    secureRandom: (into) => hal.secureRandom(into),
    resource: (name) => hal.resource(name),
    log: (level, line) => hal.log(level, line),
    ...(firmware !== undefined && { firmware }),
    ...(modules !== undefined && { modules }),
  };
}

function appNetworkOf({ network }: Hal): AppNetwork {
  return {
    get up() {
      return network.up;
    },
    get address() {
      return network.address;
    },
    get signalDbm() {
      return network.signalDbm;
    },
    connect: (target, handler) => network.connect(target, handler),
  };
}
