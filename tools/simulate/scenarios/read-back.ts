// SPDX-License-Identifier: Apache-2.0
/** An app that takes a file and parameters, and has other ones in force: both are read back, and taken back. */

import type { Operation } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { AT_FIRST, SET } from '../machine/plant-parts.ts';
import { FIRST_RECIPE, RECIPE } from '../machine/workbench.ts';
import { platformUrl } from '../machine/world.ts';

const DOWN = 'c8y_DownloadConfigFile';
const PARAMETERS = 'c8y_ParameterUpdate';
/** Longer than what its app has room for. */
const STEW = `recipe: stew\n${'potatoes\n'.repeat(400)}`;
const RESTART_MS = 60_000;

function orderBoth(life: Life): void {
  const { id } = createBinary(life.world.platform, Buffer.from(STEW));
  life.order({ [DOWN]: { type: RECIPE, url: `${platformUrl}/inventory/binaries/${id}` } });
  life.order({ [PARAMETERS]: {}, [`${PARAMETERS}_${SET}`]: {}, [SET]: { high: 99, label: 'roof' } });
}

/** Both have failed, and what was there before is in force, also after a restart. */
function checkBoth(life: Life): void {
  const { device, world, operations } = life;
  const isAsked = ({ fragments }: Operation) => fragments[DOWN] !== undefined || fragments[PARAMETERS] !== undefined;
  for (const { id, status } of operations.filter(isAsked))
    if (status !== 'FAILED') throw new Error(`I1: operation ${id} is ${status}, and something else is in force`);
  expectFormer(life, 'at the end');
  device.reboot();
  world.run(RESTART_MS);
  expectFormer(life, 'after a restart');
}

function expectFormer({ world, plant }: Life, when: string): void {
  const { recipe } = plant.workbench;
  if (recipe !== FIRST_RECIPE) throw new Error(`I1: ${when} the recipe is ${recipe.slice(0, 20)}`);
  const values = [plant.applied, world.object?.fragments[SET]].map((each) => JSON.stringify(each));
  if (values.some((each) => each !== JSON.stringify(AT_FIRST)))
    throw new Error(`I1: ${when} the parameters are ${values.join(', in the inventory ')}`);
}

export const READ_BACK_SCENARIOS: readonly Scenario[] = [
  {
    name: 'read-back',
    meaning: 'c8y_DownloadConfigFile and c8y_ParameterUpdate of an app that then has something else in force',
    begin: 'listening',
    workbench: true,
    parameters: true,
    garbles: true,
    act: orderBoth,
    check: checkBoth,
  },
];
