// SPDX-License-Identifier: Apache-2.0
/** `fractus/node`: a virtual board on Node, for an agent in a process of your own. */

export { Flash, type FlashOptions } from './flash.ts';
export { createNodeHal, type NodeHal, type NodeHalOptions, Relay } from './node.ts';
