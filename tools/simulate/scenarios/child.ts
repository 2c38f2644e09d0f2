// SPDX-License-Identifier: Apache-2.0
/** Changes software and parameters of a child, and checks the results. */

import { createHash } from 'node:crypto';
import type { JsonObject } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import { CHILD_AT_FIRST, CHILD_SET, TARIFF } from '../machine/controller.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { platformUrl } from '../machine/world.ts';

const CHILD = 'meter';
const SOFTWARE = 'c8y_SoftwareUpdate';
const PARAMETERS = 'c8y_ParameterUpdate';
const ASKED = { pulses: 250 };
/** Large enough for several pieces on the network. */
const CONTENT = Buffer.alloc(5000, 'tariff');
const RESTART_MS = 60_000;

/** Orders a package and a change of parameters for the child. */
function orderBoth(life: Life): void {
  const { id } = createBinary(life.world.platform, CONTENT);
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  const url = `${platformUrl}/inventory/binaries/${id}`;
  life.order({ [SOFTWARE]: [{ ...TARIFF, url, sha256, action: 'install' }] }, CHILD);
  life.order({ [PARAMETERS]: {}, [`${PARAMETERS}_${CHILD_SET}`]: {}, [CHILD_SET]: ASKED }, CHILD);
}

/** The child's state agrees with its object and with the operations, also after a restart. */
function checkBoth(life: Life): void {
  const { world, device, plant, operations } = life;
  const statusOf = (name: string) => operations.find(({ fragments }) => fragments[name] !== undefined)?.status;
  const isInstalled = statusOf(SOFTWARE) === 'SUCCESSFUL';
  const values = statusOf(PARAMETERS) === 'SUCCESSFUL' ? ASKED : CHILD_AT_FIRST;
  expectBoth(life, isInstalled, values, 'at the end');
  device.reboot();
  world.run(RESTART_MS);
  if (plant.harmedWrites() === 0) expectBoth(life, isInstalled, values, 'after a restart');
}

function expectBoth(life: Life, isInstalled: boolean, values: JsonObject, when: string): void {
  const { controller } = life.plant;
  const there = controller.packages.get(TARIFF.name);
  const shown = life.world.platform.core.objects.get(life.childId(CHILD) ?? '')?.fragments ?? {};
  const expected = isInstalled ? { [TARIFF.name]: TARIFF.version } : {};
  const named = (shown['c8y_Software'] ?? {}) as JsonObject;
  for (const [who, said, due] of [
    ['the child has', there === undefined ? {} : { [TARIFF.name]: there.version }, expected],
    ['its list is', named, expected],
    ['its parameters are', controller.applied, values],
    ['the inventory says', shown[CHILD_SET], values],
  ] as const) {
    if (JSON.stringify(said) !== JSON.stringify(due)) throw new Error(`I1: ${when} ${who} ${JSON.stringify(said)}`);
  }
  if (there !== undefined && Buffer.compare(there.content, CONTENT) !== 0)
    throw new Error('I1: what the child has is another file');
}

export const CHILD_SCENARIOS: readonly Scenario[] = [
  {
    name: 'child-catalogue',
    meaning: 'c8y_SoftwareUpdate and c8y_ParameterUpdate of a child',
    begin: 'listening',
    children: [CHILD],
    controlled: true,
    act: orderBoth,
    check: checkBoth,
  },
];
