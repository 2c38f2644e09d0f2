// SPDX-License-Identifier: Apache-2.0

import { inXsWorld } from '../../tools/bench/xs-world.ts';
import { buildAll } from '../../tools/build.ts';
import { allocatedBytes } from '../../tools/xs/figures.ts';
import { testWithXs } from '../support/xs/on-xs.ts';

const { bundle, host } = await buildAll();

testWithXs(
  host,
  'a measurement that goes over flash allocates nothing on XS, with a window and without',
  async (t, xs) => {
    t.timeout(120_000, 'the queue on flash on XS');
    for (const writeBehind of ['0', '5']) {
      await inXsWorld({ host: xs, bundle: bundle.path, nor: {}, config: { writeBehind } }, async (world) => {
        await world.start();
        await world.run(100_000);
        await world.rest();
        const { measurements } = world;
        const steps = world.board.nor?.steps ?? 0;
        await world.figures({ mark: true });
        await world.run(300_000);
        const steady = await world.figures({ mark: true });
        t.true(world.measurements - measurements >= 299);
        t.is(allocatedBytes(steady), 0);
        // 32 bytes and the acknowledgement of 16, or nothing at all.
        const written = (world.board.nor?.steps ?? 0) - steps;
        if (writeBehind === '0') t.true(written >= 299 * 48 && written < 301 * 49, `${written} bytes and erases`);
        else t.is(written, 0);
      });
    }
  },
);
