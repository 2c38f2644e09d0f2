// SPDX-License-Identifier: Apache-2.0
/** Counts the calls of a program into its HAL, so that one of them can be made to throw. */

import type { Hal } from '../../hal/hal.ts';

/** What it throws. */
export class ThrownByHal extends Error {
  constructor(what: string) {
    super(`${what} throws, as a test has it`);
  }
}

/** The same HAL, with `onCall` told of each call before it is made. What is built of it does the same. */
export function meddled(hal: Hal, onCall: (what: string) => void): Hal {
  return wrapped(hal, 'hal', onCall);
}

function wrapped<T extends object>(target: T, path: string, onCall: (what: string) => void): T {
  const members = new Map<string | symbol, unknown>();
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (!isMeddledWith(value)) return value;
      let member = members.get(name);
      if (member === undefined) {
        const where = `${path}.${String(name)}`;
        member = typeof value === 'function' ? calling(target, value, where, onCall) : wrapped(value, where, onCall);
        members.set(name, member);
      }
      return member;
    },
  });
}

function calling(target: object, method: CallableFunction, where: string, onCall: (what: string) => void) {
  return (...args: unknown[]): unknown => {
    onCall(where);
    const result: unknown = Reflect.apply(method, target, args);
    // Streams, timers.
    return isMeddledWith(result) && typeof result === 'object' ? wrapped(result, where, onCall) : result;
  };
}

/** Bytes and readings are what they are. */
function isMeddledWith(value: unknown): value is object | CallableFunction {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
}
