// SPDX-License-Identifier: Apache-2.0

import type { Capability, Host } from '../../capability.ts';
import { ConfigError } from '../../config.ts';

const FRAGMENT = 'c8y_Configuration';

/** The full text in force, for the inventory. A computed name of a member would stay in RAM for ever. */
function inventory(host: Host) {
  return { c8y_Configuration: { config: host.configurationText() } };
}

/**
 * `c8y_Configuration {"config": text}`: a complete text is checked as a whole, applied and kept, or nothing changes.
 */
export const configuration: Capability = {
  name: FRAGMENT,
  repeatable: true,
  inventory,
  run(operation, host) {
    const text = operation.text('config');
    // A cleared form must not reset everything; a comment alone does.
    if (!text?.trim()) return operation.fail('config: missing, empty or not a text; allowed: key=value lines');
    try {
      operation.fragment(FRAGMENT, { config: host.configure(text) });
      operation.succeed();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      operation.fail(error.message);
    }
  },
};

/** `c8y_SendConfiguration {}`: writes the text in force to the inventory. */
export const sendConfiguration: Capability = {
  name: 'c8y_SendConfiguration',
  repeatable: true,
  run(operation, host) {
    operation.fragment(FRAGMENT, inventory(host).c8y_Configuration);
    operation.succeed();
  },
};
