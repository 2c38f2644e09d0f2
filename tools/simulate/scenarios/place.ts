// SPDX-License-Identifier: Apache-2.0
/** A board that moves, and the checks for its position. */

import type { JsonObject } from '../../platform/model.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { NORTH } from '../machine/plant-parts.ts';

const POSITION = 'c8y_Position';
const STEP_MS = 15_000;

function move({ world, plant }: Life): void {
  plant.move();
  world.time.schedule(STEP_MS, () => plant.move());
}

/** The position in the inventory, as a number of moves. */
function shownMoves({ world }: Life): number {
  const { lat } = (world.object?.fragments[POSITION] ?? {}) as JsonObject;
  return typeof lat === 'number' ? lat - NORTH : -1;
}

/** The inventory has the last position, the events tell of the others in their order, and of none that was not. */
function checkPlace(life: Life): void {
  const { world, plant } = life;
  if (shownMoves(life) !== plant.moves)
    throw new Error(`I3: the board has moved ${plant.moves} times, and the inventory says ${shownMoves(life)}`);
  const told = [...world.platform.core.events.values()]
    .filter(({ fragments }) => fragments['type'] === 'c8y_LocationUpdate')
    .map(({ fragments }) => Number((fragments[POSITION] as JsonObject)['lat']) - NORTH);
  const isOrdered = told.every((each, at) => at === 0 || each >= (told[at - 1] ?? 0));
  if (!isOrdered || told.some((each) => each > plant.moves))
    throw new Error(`I4: the events tell of ${told.join(', ')}`);
  // An event waits on flash, so only a fault of the flash loses it.
  const isKept = life.device.machine.nor !== undefined && plant.harmedWrites() === 0;
  if (isKept && told.at(-1) !== plant.moves) throw new Error(`I3: the events tell of ${told.join(', ')} only`);
}

export const PLACE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'location',
    meaning: 'a board that moves: its position is in events and in the inventory',
    begin: 'listening',
    moves: true,
    act: move,
    done: ({ msSinceAct }) => msSinceAct > STEP_MS,
    check: checkPlace,
  },
];
