// SPDX-License-Identifier: Apache-2.0
/** I15: the alarm of the app on the platform is as the app wants it. */

import type { AlarmRecord } from '../../platform/model.ts';
import { activeAlarms, type Life } from '../machine/life.ts';
import type { Plant } from '../machine/plant.ts';
import { checkTime, iso, type TimeRules } from './times.ts';

/** @param doubts number of answers that may have been lost; each may have raised the alarm once more */
export function checkAlarm(life: Life, rules: TimeRules, doubts: number): void {
  const { wish } = life.plant;
  const active = activeAlarms(life);
  if (active.length !== (wish === undefined ? 0 : 1)) throw new Error(`I15: ${active.length} alarms are active`);
  const [alarm] = active;
  if (wish === undefined || alarm === undefined) return;
  const { severity, text, status } = alarm.fragments;
  if (severity !== wish.severity || text !== wish.text || status !== 'ACTIVE') {
    throw new Error(
      `I15: the alarm is ${status} ${severity} "${text}", wanted: ACTIVE ${wish.severity} "${wish.text}"`,
    );
  }
  if (alarm.count > 1 + doubts) throw new Error(`I15: the alarm was raised ${alarm.count} times`);
  checkAlarmTime(alarm, life.plant, rules);
}

/** The alarm has a time at which the device was told of it, in any start. */
function checkAlarmTime(alarm: AlarmRecord, { alarmed }: Plant, rules: TimeRules): void {
  const wrong = alarmed.map((moment) => {
    try {
      checkTime('the alarm', alarm, moment, rules);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  });
  if (wrong.includes('')) return;
  throw new Error(wrong.at(-1) ?? `I15: the alarm is of ${iso(alarm.timeMs)}, and nobody has raised one`);
}
