// SPDX-License-Identifier: Apache-2.0
/** Orders for the workbench of a simulated app, and the checks after them. */

import type { JsonObject, Operation } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { FIRST_RECIPE, RECIPE } from '../machine/workbench.ts';
import { platformUrl } from '../machine/world.ts';

const DOWN = 'c8y_DownloadConfigFile';
const UP = 'c8y_UploadConfigFile';
const RELAY = 'c8y_Relay';
const MESSAGE = 'c8y_Message';
/** Large enough for several pieces on the network. */
export const CAKE = `recipe: cake\n${'flour\n'.repeat(500)}`;
const TEXT = 'the oven is hot';
const RESTART_MS = 60_000;

/** Uploads the cake; returns the fragment of its operation. */
export function cakeFile({ world }: Life): JsonObject {
  const { id } = createBinary(world.platform, Buffer.from(CAKE));
  return { type: RECIPE, url: `${platformUrl}/inventory/binaries/${id}`, name: 'cake' };
}

function orderFiles(life: Life): void {
  life.order({ [DOWN]: cakeFile(life) });
  life.order({ [UP]: { type: RECIPE } });
}

function orderedOf({ operations }: Life, name: string): Operation {
  return operations.find(({ fragments }) => fragments[name] !== undefined) as Operation;
}

/** The file in force agrees with the operation; that which was sent was in force, and was sent once. */
function checkFiles(life: Life): void {
  const { world, plant } = life;
  const { recipe } = plant.workbench;
  const down = orderedOf(life, DOWN);
  // A file may be in force although the end of its operation is lost.
  if (down.status === 'SUCCESSFUL' ? recipe !== CAKE : ![CAKE, FIRST_RECIPE].includes(recipe))
    throw new Error(`I1: operation ${down.id} is ${down.status}, and the recipe is ${recipe.slice(0, 20)}`);
  checkAttachments(life, RECIPE, orderedOf(life, UP));
  const [event] = [...world.platform.core.events.values()].filter(({ fragments }) => fragments['type'] === RECIPE);
  if (event?.binary === undefined) return;
  const sent = Buffer.from(event.binary.bytes).toString();
  if (sent !== recipe && sent !== FIRST_RECIPE) throw new Error('I1: what was sent was never the recipe');
}

/** There is one event of the type for one operation, and its attachment was stored once, however often answers were lost. */
export function checkAttachments({ world }: Life, type: string, ordered: Operation): void {
  const events = [...world.platform.core.events.values()].filter(({ fragments }) => fragments['type'] === type);
  if (events.length > 1) throw new Error(`I3: ${events.length} events of the type ${type} for one operation`);
  const [event] = events;
  if ((event?.attachments ?? 0) > 1) throw new Error(`I3: ${event?.attachments} attachments for one operation`);
  if (ordered.status === 'SUCCESSFUL' && event?.binary === undefined)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and nothing is attached`);
}

function orderRelay(life: Life): void {
  life.order({ [RELAY]: { relayState: 'CLOSED' } });
  life.plant.messageId = life.order({ [MESSAGE]: { text: TEXT } }).id;
}

/** The relay agrees with its operation and the inventory, also after a restart; the message is shown once. */
function checkRelay(life: Life): void {
  const { world, device, plant } = life;
  expectRelay(life, 'at the end');
  const { id, status } = orderedOf(life, MESSAGE);
  if (status === 'SUCCESSFUL' && plant.workbench.shown !== TEXT)
    throw new Error(`I1: operation ${id} is SUCCESSFUL, and its message is not shown`);
  device.reboot();
  world.run(RESTART_MS);
  if (plant.harmedWrites() === 0) expectRelay(life, 'after a restart');
}

function expectRelay(life: Life, when: string): void {
  const { world, device, plant } = life;
  const ordered = orderedOf(life, RELAY);
  const isClosed = device.machine.outputs['relay'] === 1;
  if (ordered.status === 'SUCCESSFUL' && !isClosed && plant.harmedWrites() === 0)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and ${when} the relay is open`);
  const { relayState } = (world.object?.fragments[RELAY] ?? {}) as JsonObject;
  if (relayState !== (isClosed ? 'CLOSED' : 'OPEN'))
    throw new Error(`I1: ${when} the relay is ${isClosed ? 'closed' : 'open'}, and the inventory says ${relayState}`);
}

export const WORKBENCH_SCENARIOS: readonly Scenario[] = [
  {
    name: 'files',
    meaning: 'c8y_DownloadConfigFile and c8y_UploadConfigFile: a file of the app is replaced, and sent',
    begin: 'listening',
    workbench: true,
    act: orderFiles,
    check: checkFiles,
  },
  {
    name: 'relay',
    meaning: 'c8y_Relay and c8y_Message: a relay is closed and stays closed, and a message is shown once',
    begin: 'listening',
    workbench: true,
    act: orderRelay,
    check: checkRelay,
  },
];
