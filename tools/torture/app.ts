// SPDX-License-Identifier: Apache-2.0
/** The app of a tortured board, on Node and on XS: a child, an alarm that comes and goes, and recorded work. */

import type { App, AppDevice, Operation } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';

/** Names of the child, and of the sensors in `hal.sensors`. */
export const CHILD = 'meter';
export const SENSORS = ['board', CHILD] as const;
/** The output that counts executions: an operation writes its id to it, scaled by a millionth. */
export const COUNTER = 'counter';
export const COUNTER_SCALE = 1e6;
export const ALARM = 'x_Trouble';
/** Duration of work, in which the board is sometimes killed. */
export const WORK_MS = 300;
/** Number of samples after which the alarm is raised or cleared. */
const PHASE = 7;

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });

/** Whether the alarm is active from this sample of the board on. */
export function isAlarmed(sample: number): boolean {
  return Math.floor(sample / PHASE) % 2 === 1;
}

export const app: App = (board) => {
  equip(board, 'board', (level) => {
    if (isAlarmed(level)) board.alarm(ALARM, 'MAJOR', 'trouble');
    else board.clear(ALARM);
  });
  equip(board.child(CHILD, { type: 'x_Meter' }), CHILD, () => {});
};

function equip(device: AppDevice, name: string, onLevel: (level: number) => void): void {
  const { hal } = device;
  const sensor = hal.sensors[name];
  const counter = hal.actuators[COUNTER];
  if (sensor === undefined || counter === undefined) throw new Error(`there is no ${name} or no ${COUNTER}`);
  device.sensor({
    reports: LEVEL,
    sensor: {
      sample: () => {
        const sample = sensor.sample();
        onLevel(Number(sample?.['level']));
        return sample;
      },
    },
  });
  device.operation({
    name: 'x_Work',
    run: (operation: Operation) => {
      counter.write(Number(operation.id) / COUNTER_SCALE);
      hal.createTimer(() => operation.succeed()).start(WORK_MS);
    },
  });
}
