// SPDX-License-Identifier: Apache-2.0

import type { Capability, Host } from '../capability.ts';

/**
 * `c8y_Message {"text": …}`: a text for the person in front of the device.
 * @param show puts it on the display; an exception or a rejection is the reason of the failure
 */
export function message(show: (text: string, host: Host) => void | Promise<void>): Capability {
  return {
    name: 'c8y_Message',
    run(operation, host) {
      const text = operation.text('text');
      if (text === undefined) return operation.fail('text: missing or not a text');
      const shown = show(text, host);
      // JavaScript may return anything, a thenable too.
      if (typeof shown?.then === 'function') return Promise.resolve(shown).then(() => operation.succeed());
      operation.succeed();
    },
  };
}
