// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/state`: small values of an app that survive restarts. Part of the apps that import it, and of no other
 * image.
 */

import { coreOf } from '../core.ts';
import type { AppBoard } from '../index.ts';

/** No name of the agent begins like this. */
const PREFIX = 'app-';
const NAME = /^[A-Za-z0-9_-]{1,11}$/;

/**
 * Small texts by name. Each has a version and a checksum on flash: a damaged one counts as missing, and the platform is
 * told. A power cut leaves the old value or the new one. Names have 1 to 11 characters out of `A-Z a-z 0-9 _ -`.
 */
export interface State {
  /** Undefined: there is no value. @throws RangeError for a name that is not allowed */
  get(name: string): string | undefined;
  /**
   * Keeps a text of up to about 3,900 bytes; undefined deletes it. An unchanged value is not written, because flash
   * wears. False: the flash refuses or has no room, and the old value is still there.
   * @throws RangeError for a name that is not allowed
   */
  set(name: string, value: string | undefined): boolean;
}

/** The state of this board's app. */
export function state(board: AppBoard): State {
  const core = coreOf(board);
  return {
    get: (name) => core.recall(stored(name)),
    set(name, value) {
      const key = stored(name);
      return core.recall(key) === value || core.remember(key, value);
    },
  };
}

function stored(name: string): string {
  if (NAME.test(name)) return `${PREFIX}${name}`;
  throw new RangeError(`state: the name "${name.slice(0, 60)}" is not allowed; allowed: 1 to 11 of A-Z a-z 0-9 _ -`);
}
