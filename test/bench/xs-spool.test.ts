// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { inXsWorld } from '../../tools/bench/xs-world.ts';
import { buildAll } from '../../tools/build.ts';
import { allocatedBytes } from '../../tools/xs/figures.ts';

const { bundle, host } = await buildAll();
/** What ava calls a test that cannot be run here. */
const UNAVAILABLE = 'skip';
const title = 'a measurement that goes over flash allocates nothing on XS, with a window and without';

if (host.available) {
  test(title, async (t) => {
    t.timeout(120_000, 'the spool on XS');
    for (const writeBehind of ['0', '5']) {
      await inXsWorld({ host, bundle: bundle.path, nor: {}, config: { writeBehind } }, async (world) => {
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
  });
} else {
  console.log(`Costs on XS cannot be measured: ${host.reason}`);
  test[UNAVAILABLE](title, () => {});
}
