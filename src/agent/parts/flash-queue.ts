// SPDX-License-Identifier: Apache-2.0

import { BufferedQueue } from '../records/queues/buffered-queue.ts';
import { FlashQueue } from '../records/queues/flash-queue.ts';
import type { Part } from './part.ts';

/**
 * Measurements and events wait on flash, where they survive restarts, power cuts and long outages. Without this part
 * they wait in RAM, and a restart loses those that have not been sent.
 */
export const flashQueue: Part = {
  flashQueue(agent, names, firstSector, sectors) {
    const { flash, board } = agent.hal;
    if (flash === undefined) return undefined;
    const queue = new FlashQueue({ flash, firstSector, sectors, names, bootCount: board.bootCount });
    if (queue.isForeign) {
      agent.hal.log('warn', 'flash for records: unreadable, content lost');
      // Begins the ring, so that this is said once.
      queue.told(0);
    }
    return new BufferedQueue(agent, queue);
  },
};
