// SPDX-License-Identifier: Apache-2.0
/** Calls of an app's functions, which may throw, or return a promise. */

import { reasonOf } from '../bytes/text.ts';
import type { AgentHost, Operation } from '../capability.ts';

/** The reason of an exception; undefined: none was thrown. */
export function tried(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Calls a driver: its exception ends the operation, not the current start of the board. */
export function guarded(operation: Operation, act: () => void): void {
  const reason = tried(act);
  if (reason !== undefined) operation.fail(reason);
}

/** Runs `act`, and calls back within an event when it has ended. @param onEnd gets the reason of a failure */
export function settle(
  host: AgentHost,
  act: () => void | Promise<void>,
  onEnd: (reason: string | undefined) => void,
): void {
  let isOver = false;
  // A promise is not settled within an event of the HAL.
  const endLater = (reason?: string) => {
    if (isOver) return;
    // A timer that throws ends it by the exception.
    host.timers.create({ onDeadline: () => onEnd(reason) }).start(0);
    isOver = true;
  };
  try {
    // JavaScript may return anything, a thenable too.
    const working = act();
    if (typeof working?.then !== 'function') endLater();
    else
      working.then(
        () => endLater(),
        (error: unknown) => endLater(reasonOf(error)),
      );
  } catch (error) {
    endLater(reasonOf(error));
  }
}

/**
 * The value of a function that must not take time: an `async` one would seem to succeed before it is done.
 * @param what the function and the value that it must return, for the author
 * @throws TypeError for a promise; its rejection is ignored
 */
export function atOnce<Value>(what: string, value: Value): Value {
  const later = value as Partial<PromiseLike<unknown>> | null | undefined;
  if (typeof later?.then !== 'function') return value;
  later.then(undefined, () => {});
  throw new TypeError(`${what}, not a promise`);
}
