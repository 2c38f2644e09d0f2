// SPDX-License-Identifier: Apache-2.0
/** Parameters of a simulated app, and the checks after a change. */

import type { JsonObject } from '../../platform/model.ts';
import type { Life } from '../machine/life.ts';
import { AT_FIRST, SET } from '../machine/plant-parts.ts';

const FRAGMENT = 'c8y_ParameterUpdate';
const ASKED = { high: 20, label: 'cellar' };
const RESTART_MS = 60_000;

/** Orders a change of both values. */
export function orderParameters(life: Life): void {
  life.order({ [FRAGMENT]: {}, [`${FRAGMENT}_${SET}`]: {}, [SET]: ASKED });
}

/** All values are in force or none, as the operation and the inventory say, also after a restart. */
export function checkParameters(life: Life): void {
  const { world, device, plant, operations } = life;
  const status = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined)?.status;
  const expected = status === 'SUCCESSFUL' ? ASKED : AT_FIRST;
  expectLimits(life, expected, `the operation is ${status}`);
  device.reboot();
  world.run(RESTART_MS);
  // After a harmed write, the earlier values may be back.
  if (plant.harmedWrites() === 0) expectLimits(life, expected, 'the board has started again');
}

function expectLimits({ world, plant }: Life, expected: JsonObject, when: string): void {
  for (const [who, values] of [
    ['the app has', plant.applied],
    ['the inventory says', world.object?.fragments[SET]],
  ] as const) {
    if (JSON.stringify(values) !== JSON.stringify(expected))
      throw new Error(`I1: ${when}, and ${who} ${JSON.stringify(values)}`);
  }
}
