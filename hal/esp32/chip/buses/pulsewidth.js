// SPDX-License-Identifier: Apache-2.0

/** Replaces the SDK's class in a firmware without it: the SDK's `embedded:provider/builtin` imports it, and a mod may. */
export default class PulseWidth {
  constructor() {
    throw new Error('this firmware has no PulseWidth');
  }
}
