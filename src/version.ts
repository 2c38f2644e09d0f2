// SPDX-License-Identifier: Apache-2.0
/** Version of the agent, as in package.json (a test compares them). */
export const VERSION = '0.1.0';
