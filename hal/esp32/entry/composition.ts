// SPDX-License-Identifier: Apache-2.0
/** The usual selection. A build for a project replaces this module with one that exports what the project imports. */

export {
  command,
  configuration,
  firmware,
  measurementRequest,
  restart,
  sendConfiguration,
} from '../../../src/capabilities/index.ts';
export { createAgent } from '../../../src/index.ts';
export { start } from './usual.ts';
