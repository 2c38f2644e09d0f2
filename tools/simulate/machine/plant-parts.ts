// SPDX-License-Identifier: Apache-2.0
/** Additional parts of the plant's app in some scenarios. */

import { agentServices, type ParameterSet, parameterSet, services } from '../../../src/capabilities/index.ts';
import type { AppBoard } from '../../../src/index.ts';
import type { Plant } from './plant.ts';

/** Name of its parameters, and their initial values. */
export const SET = 'x_Limits';
export const AT_FIRST = { high: 10, label: 'attic' };
/** Latitude of the board at first; each move is a degree. */
export const NORTH = 50;
/** Name of its service. */
export const PUMP = 'pump';

export function limitsOf(plant: Plant): ParameterSet {
  return parameterSet(
    SET,
    {
      high: { kind: 'integer', least: 0, most: 99, value: AT_FIRST.high },
      label: { kind: 'text', mostChars: 20, value: AT_FIRST.label },
    },
    (values) => plant.apply({ ...values }),
    () => plant.applied as { readonly high?: number; readonly label?: string },
  );
}

/** Reports the position, now and at each move. */
export function declarePlace(board: AppBoard, plant: Plant): void {
  plant.onMove = (moves) => board.position(NORTH + moves, 7);
  plant.onMove(plant.moves);
}

/** Declares the activities of the agent as services. */
export function declareAgent(board: AppBoard): void {
  services(board, agentServices(board));
}

export function declarePump(board: AppBoard, plant: Plant): void {
  services(board, [
    {
      name: PUMP,
      type: 'driver',
      status: plant.isStopped ? 'down' : 'up',
      commands: ['STOP'],
      onCommand: (_command, service) => {
        plant.stop();
        service.status = 'down';
      },
    },
  ]);
}
