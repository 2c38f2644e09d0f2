// SPDX-License-Identifier: Apache-2.0
/** A firmware with every fault that the bench looks for: it allocates, it keeps, and it makes up property names. */

import { createXsHal } from '../../hal/xs/xs.ts';
import { createAgent, measurement } from '../../src/index.ts';

const REPORT = measurement({ type: 'x_Leak', fragments: { x_Leak: { T: { of: 'temperature' } } } });
/** XS has room for 64 names. */
const SAMPLES_PER_NAME = 20;

export function main(): void {
  const hal = createXsHal();
  const kept: unknown[] = [];
  const sample = () => {
    const values: Record<string, number> = { temperature: 20 };
    kept.push({});
    if (kept.length % SAMPLES_PER_NAME === 0) values[`name${kept.length}`] = 1;
    return values;
  };
  const agent = createAgent({
    hal,
    config: hal.config,
    app: (board) => board.sensor({ reports: REPORT, sensor: { sample } }),
  });
  hal.run(agent);
}
