// SPDX-License-Identifier: Apache-2.0

import { expectFailure } from './connections.ts';
import { pattern } from './peer.ts';
import { type Check, equalBytes, type NameTargets, type Scene } from './scene.ts';

/** Only for machines that can be given names with two addresses; see {@link NameTargets}. */
export const nameChecks: readonly Check[] = [
  {
    name: 'names: where the first address takes no connection, the second does',
    async run(scene) {
      // The second time, a machine may remember which it was.
      for (let round = 0; round < 2; round++) {
        const probe = scene.connect(nameTargets(scene).second, 'send:10 end');
        await scene.until('the end', () => probe.over);
        equalBytes(probe.read(20), pattern(0, 10), 'the bytes');
        probe.close();
      }
    },
  },
  {
    name: 'names: where no address takes connections, that is told once',
    run: (scene) => expectFailure(scene, nameTargets(scene).neither, ['refused']),
  },
  {
    name: 'names: what TLS refuses at the first address is told, though the second would do',
    run: (scene) => expectFailure(scene, nameTargets(scene).wrongFirst, ['tls-name']),
  },
  {
    name: 'names: close() while addresses are tried is the end',
    async run(scene) {
      for (const target of [nameTargets(scene).second, nameTargets(scene).neither]) {
        for (const ms of [0, 20, 40]) {
          const probe = scene.connect(target);
          let closed = false;
          probe.onEvent = () => {
            if (!closed) probe.close();
            closed = true;
          };
          await scene.settle(ms);
          if (!closed) probe.close();
          await scene.settle();
        }
      }
    },
  },
];

function nameTargets({ targets }: Scene): NameTargets {
  if (targets.twoAddresses === undefined) throw new Error('there are no names with two addresses');
  return targets.twoAddresses;
}
