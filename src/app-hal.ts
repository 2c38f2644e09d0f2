// SPDX-License-Identifier: Apache-2.0

import type { Hal, Network } from '../hal/hal.ts';

/** The network as an app sees it: link and listeners are the agent's. */
export type AppNetwork = Pick<Network, 'up' | 'address' | 'signalDbm' | 'connect'>;

/**
 * The machine as an app sees it: time, timers, chance, sensors, actuators, connections of its own. What the agent alone may
 * touch is not there: its stored values, its flash, the watchdog, the light, the listeners of link and log.
 */
export interface AppHal
  extends Omit<
    Hal,
    'store' | 'flash' | 'watchdog' | 'indicator' | 'network' | 'restart' | 'sleep' | 'verify' | 'onLog'
  > {
  readonly network: AppNetwork;
}
