// SPDX-License-Identifier: Apache-2.0

import type { Hal, Network } from '../hal/hal.ts';

/** The network as an app sees it, without the members for the agent only. */
export type AppNetwork = Pick<Network, 'up' | 'address' | 'signalDbm' | 'connect'>;

/**
 * The machine as an app sees it: time, timers, random numbers, sensors, actuators, connections of its own. It lacks the
 * members for the agent only: stored values, flash, the watchdog, the indicator, the listeners of link and log.
 */
export interface AppHal
  extends Omit<
    Hal,
    'store' | 'flash' | 'watchdog' | 'indicator' | 'network' | 'restart' | 'sleep' | 'verify' | 'onLog'
  > {
  readonly network: AppNetwork;
}
