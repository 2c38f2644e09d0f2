// SPDX-License-Identifier: Apache-2.0
/** What is chosen: here, all that is usual. A build for a project puts in its place what the project imports. */

export {
  command,
  configuration,
  firmware,
  measurementRequest,
  restart,
  sendConfiguration,
} from '../../src/capabilities/index.ts';
export { createAgent } from '../../src/index.ts';
export { start } from './usual.ts';
