// SPDX-License-Identifier: Apache-2.0
/** Ends code of this process that does not come to an end by itself. */

import { Script } from 'node:vm';
import type { Hal, Network, StreamHandler } from '../../hal/hal.ts';

/** About what the watchdog of a board allows. */
const LIMIT_MS = 5000;
const KEY = Symbol.for('fractus.limited');
/** What it calls is ended with it, wherever that was made. */
const CALL = new Script("globalThis[Symbol.for('fractus.limited')]()");

const global = globalThis as { [KEY]?: (() => void) | undefined };

/**
 * Calls `act`, for five seconds at most.
 * @param who does not return then, for a person
 * @throws what it throws, or an Error when the time is over
 */
export function withinTime<Result>(act: () => Result, limitMs = LIMIT_MS, who = 'it'): Result {
  const before = global[KEY];
  const results: Result[] = [];
  global[KEY] = () => void results.push(act());
  try {
    CALL.runInThisContext({ timeout: limitMs, displayErrors: false });
    return results[0] as Result;
  } catch (error) {
    const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw isLate ? new Error(`${who} did not return within ${limitMs / 1000} s`) : error;
  } finally {
    global[KEY] = before;
  }
}

/** The HAL, with a limit for each callback. */
export function limited(hal: Hal): Hal {
  return {
    ...hal,
    network: limitedNetwork(hal.network),
    createTimer: (onTimeout) => hal.createTimer(() => withinTime(onTimeout)),
  };
}

function limitedNetwork(network: Network): Network {
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
    ...(network.access !== undefined && { access: network.access }),
    onChange: (listener) => network.onChange((up) => withinTime(() => listener(up))),
    reset: () => network.reset(),
    connect: (target, handler) => network.connect(target, limitedHandler(handler)),
  };
}

function limitedHandler(handler: StreamHandler): StreamHandler {
  return {
    onOpen: () => withinTime(() => handler.onOpen()),
    onReadable: (count) => withinTime(() => handler.onReadable(count)),
    onWritable: (count) => withinTime(() => handler.onWritable(count)),
    onEnd: () => withinTime(() => handler.onEnd()),
    onError: (kind, detail) => withinTime(() => handler.onError(kind, detail)),
  };
}
