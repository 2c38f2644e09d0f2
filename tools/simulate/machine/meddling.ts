// SPDX-License-Identifier: Apache-2.0
/** Intercepts the calls of a program into its HAL, so that one of them can throw. */

import type { Hal } from '../../../hal/hal.ts';

/** The error of an intercepted call. */
export class ThrownByHal extends Error {
  constructor(what: string) {
    super(`${what} throws, as a test has it`);
  }
}

/** Wraps a HAL, and the objects that it returns: `onCall` is called before each call. */
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
    // The result is a stream or a timer.
    return isMeddledWith(result) && typeof result === 'object' ? wrapped(result, where, onCall) : result;
  };
}

/** Whether the value is wrapped; bytes and lists are not. */
function isMeddledWith(value: unknown): value is object | CallableFunction {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
}
