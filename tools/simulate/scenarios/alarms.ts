// SPDX-License-Identifier: Apache-2.0
/** Alarms of a simulated app. */

import { activeAlarms, type Life, type Scenario } from '../machine/life.ts';

/** Time for one more sample. */
const LATER_MS = 25_000;

export function isAlarmed(life: Life): boolean {
  return activeAlarms(life).length > 0;
}

export const ALARM_SCENARIOS: readonly Scenario[] = [
  {
    name: 'alarm',
    meaning: 'the app raises and clears an alarm, whether or not the platform has received it',
    begin: 'listening',
    act: ({ world, plant }) => {
      plant.raise('MAJOR', 'trouble');
      world.time.schedule(30_000, () => plant.clear());
    },
    done: (life) => life.msSinceAct > 30_000 && activeAlarms(life).length === 0,
  },
  {
    name: 'alarm-raised',
    meaning: 'the app raises an alarm after a while, and does not clear it',
    begin: 'listening',
    act: ({ world, plant }) => void world.time.schedule(LATER_MS, () => plant.raise('CRITICAL', 'big trouble')),
    done: isAlarmed,
  },
  {
    name: 'alarm-cleared',
    meaning: 'the app clears an alarm when the platform has had it for a while',
    begin: 'listening',
    act: (life) => {
      life.plant.raise('MINOR', 'small trouble');
      life.when(isAlarmed, 10_000, () => life.plant.clear());
    },
    done: (life) => life.plant.wish === undefined && activeAlarms(life).length === 0,
  },
  {
    name: 'alarm-escalated',
    meaning: 'an alarm of the app gets a higher severity when the platform has had it for a while',
    begin: 'listening',
    act: (life) => {
      life.plant.raise('MINOR', 'small trouble');
      life.when(isAlarmed, 10_000, () => life.plant.raise('MAJOR', 'more trouble'));
    },
    done: (life) => activeAlarms(life).some(({ fragments }) => fragments['severity'] === 'MAJOR'),
  },
  {
    name: 'alarm-once',
    meaning: 'an alarm that the app raises once and clears once, when the platform has had it for a while',
    begin: 'listening',
    tellsOnce: true,
    act: (life) => {
      life.plant.raise('MINOR', 'small trouble');
      life.when(isAlarmed, 10_000, () => life.plant.clear());
    },
    done: (life) => life.plant.wish === undefined && activeAlarms(life).length === 0,
  },
];
