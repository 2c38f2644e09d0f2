// SPDX-License-Identifier: Apache-2.0
/** The scenarios of simulated lives. */

import type { JsonObject } from '../../platform/model.ts';
import { cancelOperation, deleteObject, registerDevice, takeBack, updateObject } from '../../platform/operator.ts';
import { CHANGED, type Life, type Scenario } from '../machine/life.ts';
import { BOARD, type Moment } from '../machine/plant.ts';
import { ALARM_SCENARIOS, isAlarmed } from './alarms.ts';
import { APPLIANCE_SCENARIOS } from './appliance.ts';
import { WORKBENCH_SCENARIOS } from './bench-orders.ts';
import { CHILD_SCENARIOS } from './child.ts';
import { ENROLMENT_SCENARIOS } from './enrolment.ts';
import { checkLog, orderLog } from './log-file.ts';
import { checkParameters, orderParameters } from './parameters.ts';
import { PLACE_SCENARIOS } from './place.ts';
import { checkFileProfile, checkProfile, orderFileProfile, orderProfile } from './profile.ts';
import { checkAgent, checkPump, orderStop } from './pump.ts';
import { READ_BACK_SCENARIOS } from './read-back.ts';
import { REMOTE_SCENARIOS } from './remote.ts';
import { FIRMWARE_SCENARIOS } from './signed.ts';
import { SOFTWARE_SCENARIOS } from './software.ts';
import { NETWORK_SCENARIOS } from './wifi.ts';

/** A scenario in which a person orders this and waits for its end. */
function ordering(name: string, fragments: JsonObject, meaning: string): Scenario {
  return {
    name,
    meaning,
    begin: 'listening',
    act: (life) => void life.order(fragments),
  };
}

const HOUR_MS = 3_600_000;
const OUTAGE_MS = 600_000;
const DARK_MS = 50_000;

/** Samples arrive in the configured interval. */
function checkInterval({ world, plant, intervalS }: Life): void {
  world.run(61_000);
  const [before, last] = (plant.taken.get(BOARD) ?? []).slice(-2);
  const gapMs = (last?.epochMs ?? 0) - (before?.epochMs ?? 0);
  if (gapMs !== intervalS * 1000) throw new Error(`samples come every ${gapMs} ms, configured are ${intervalS} s`);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'cold', meaning: 'cold bootstrap with two children', begin: 'new', children: ['meter', 'valve'] },
  { name: 'known', meaning: 'start of a known device', begin: 'start' },
  { name: 'child', meaning: 'a known device has a new child', begin: 'start', children: ['meter'], known: [] },
  ordering('restart', { c8y_Restart: {} }, 'c8y_Restart'),
  {
    ...ordering('configuration', { c8y_Configuration: { config: `${CHANGED}\n` } }, 'c8y_Configuration'),
    check: checkInterval,
  },
  {
    ...ordering('shell', { c8y_Command: { text: `config set ${CHANGED}` } }, 'c8y_Command: config set'),
    shell: true,
    check: checkInterval,
  },
  {
    name: 'parameters',
    meaning: 'c8y_ParameterUpdate: two values, which are still in force after a restart',
    begin: 'listening',
    parameters: true,
    act: orderParameters,
    check: checkParameters,
  },
  {
    name: 'service',
    meaning: 'c8y_ServiceCommand: a running service is stopped, and its status is down',
    begin: 'listening',
    pump: true,
    act: orderStop,
    check: checkPump,
  },
  {
    name: 'agent-services',
    meaning: 'the long poll and the records as services, over ten minutes without a link',
    begin: 'listening',
    agentServices: true,
    act: ({ world, device }) => {
      device.linkDown();
      world.time.schedule(OUTAGE_MS, () => device.linkUp());
    },
    done: (life) => life.msSinceAct > OUTAGE_MS && life.listening,
    check: checkAgent,
  },
  ...PLACE_SCENARIOS,
  ...READ_BACK_SCENARIOS,
  {
    ...ordering('send-configuration', { c8y_SendConfiguration: {} }, 'c8y_SendConfiguration'),
    act: (life) => {
      const { world } = life;
      updateObject(world.platform, world.object?.id ?? '', { fragments: { c8y_Configuration: {} } });
      life.order({ c8y_SendConfiguration: {} });
    },
  },
  ordering('command', { c8y_Command: { text: 'status' } }, 'c8y_Command'),
  {
    ...ordering('measure', { c8y_MeasurementRequestOperation: {} }, 'c8y_MeasurementRequestOperation'),
    check: ({ plant, operations }) => {
      const [operation] = operations;
      const endMs = operation?.history.at(-1)?.timeMs ?? 0;
      const isTaken = ({ epochMs }: Moment) => epochMs >= (operation?.creationTimeMs ?? 0) && epochMs <= endMs;
      if (plant.taken.get(BOARD)?.some(isTaken) !== true) throw new Error('I1: nothing was measured as asked');
    },
  },
  ordering('unknown', { x_Unknown: {} }, 'an operation that the device does not know'),
  ordering('work', { x_Work: {} }, 'an operation of the app that takes time and may not be done twice'),
  ordering('failure', { x_Work: { fails: true } }, 'an operation of the app that fails'),
  {
    name: 'line',
    meaning: 'several operations, for the device and a child, with a restart among them',
    begin: 'listening',
    children: ['meter'],
    act: (life) => {
      life.order({ x_Work: {} });
      life.order({ x_Work: {} }, 'meter');
      life.order({ c8y_Restart: {} });
      life.order({ x_Work: {} });
    },
  },
  ...FIRMWARE_SCENARIOS,
  ...SOFTWARE_SCENARIOS,
  {
    name: 'profile',
    meaning: 'c8y_DeviceProfile: a firmware and a mod, each with a restart',
    begin: 'listening',
    slots: true,
    mods: true,
    profiles: true,
    act: orderProfile,
    check: checkProfile,
  },
  {
    name: 'profile-files',
    meaning: 'c8y_DeviceProfile: a mod, with a restart, and a configuration file',
    begin: 'listening',
    mods: true,
    profiles: true,
    workbench: true,
    act: orderFileProfile,
    check: checkFileProfile,
  },
  ...CHILD_SCENARIOS,
  ...APPLIANCE_SCENARIOS,
  ...WORKBENCH_SCENARIOS,
  ...NETWORK_SCENARIOS,
  ...REMOTE_SCENARIOS,
  {
    name: 'log',
    meaning: 'c8y_LogfileRequest: an event with the log attached',
    begin: 'listening',
    logs: true,
    act: orderLog,
    check: checkLog,
  },
  {
    name: 'taken-back',
    meaning: 'a power cut while the app executes an operation, which the platform then sets PENDING again',
    begin: 'listening',
    takesBack: true,
    act: (life) => {
      const operation = life.order({ x_Work: {} });
      const isBegun = () => life.plant.begun.has(operation.id);
      life.when(isBegun, 1000, () => {
        life.device.powerCut();
        takeBack(life.world.platform, operation.id);
        life.device.start();
      });
    },
    done: ({ msSinceAct }) => msSinceAct > 60_000,
  },
  {
    name: 'dark',
    meaning: 'two starts without a link, and so without the time; later the samples are sent',
    begin: 'start',
    act: ({ world, device, plant }) => {
      device.linkDown();
      plant.raise('WARNING', 'dark');
      world.time.schedule(DARK_MS, () => device.reboot());
      world.time.schedule(2 * DARK_MS, () => device.linkUp());
    },
    done: (life) => life.msSinceAct > 2 * DARK_MS && isAlarmed(life),
  },
  {
    name: 'token',
    meaning: 'a device with a certificate renews its token',
    begin: 'listening',
    certificate: true,
    act: (life) => life.world.platform.expireTokens(),
    done: (life) => life.requestsSinceAct >= 4,
  },
  ...ENROLMENT_SCENARIOS,
  {
    name: 'drain',
    meaning: 'ten minutes without a link, then the samples are sent',
    begin: 'listening',
    act: ({ world, device }) => {
      device.linkDown();
      world.time.schedule(OUTAGE_MS, () => device.linkUp());
    },
    done: (life) => life.msSinceAct > OUTAGE_MS && life.listening,
  },
  {
    name: 'replacement',
    meaning: 'a new board replaces one that is gone',
    begin: 'new',
    replaced: true,
    act: ({ world, device }) => registerDevice(world.platform, device.deviceId),
  },
  {
    name: 'clock',
    meaning: 'the time of the platform jumps forward by an hour, and back',
    begin: 'listening',
    skewMs: HOUR_MS,
    act: ({ world }) => {
      world.platform.settings.dateSkewMs = HOUR_MS;
      world.time.schedule(120_000, () => {
        world.platform.settings.dateSkewMs = 0;
      });
    },
    done: (life) => life.msSinceAct > 240_000,
  },
  ...ALARM_SCENARIOS,
  {
    name: 'deleted',
    meaning: 'a person deletes the object of a running device',
    begin: 'listening',
    forgets: true,
    act: ({ world }) => deleteObject(world.platform, world.object?.id ?? ''),
    done: (life) => life.msSinceAct > 60_000,
  },
  {
    name: 'cancelled',
    meaning: 'a person ends an operation that the device is executing',
    begin: 'listening',
    cancels: true,
    act: (life) => {
      const operation = life.order({ x_Work: {} });
      life.world.time.schedule(2000, () => cancelOperation(life.world.platform, operation.id));
    },
    done: (life) => life.msSinceAct > 20_000,
  },
  {
    name: 'moved',
    meaning: 'the tenant has moved for five minutes: every answer is a redirect',
    begin: 'listening',
    act: ({ world }) => {
      const order = world.platform.order({ kind: 'status', status: 301, html: true, times: 1_000_000 });
      world.time.schedule(300_000, () => world.platform.cancel(order));
    },
    done: (life) => life.msSinceAct > 300_000,
  },
];

/** Scenarios that are short enough to try all pairs of cuts. */
export const SHORT: readonly string[] = ['known', 'restart', 'configuration', 'work', 'child'];

/** @throws RangeError that lists the scenarios */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = SCENARIOS.map((each) => each.name);
  throw new RangeError(`scenario ${JSON.stringify(name)}: one of ${names.join(', ')} expected`);
}
