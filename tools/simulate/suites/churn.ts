// SPDX-License-Identifier: Apache-2.0
/** C1: a year of constant changes; the device's memory and flash stay bounded. */

import { type App, type AppBoard, measurement } from '../../../src/index.ts';
import type { Operation } from '../../platform/model.ts';
import { createOperation, findDevice } from '../../platform/operator.ts';
import type { Bench } from '../bench.ts';
import { isEnded } from '../machine/life.ts';
import { World } from '../machine/world.ts';

const MINUTE_MS = 60_000;
const HOURS = 365 * 24;
const WEEK_HOURS = 168;
/** After this time, the usual amount is known. */
const USUAL_HOURS = 4 * WEEK_HOURS;
/** Factor by which the kept data may exceed the usual amount. */
const MOST_GROWTH = 1.2;
const CONFIG = { measurementInterval: '3600', pollTimeout: '7200', requiredAvailability: '180' };

/** The data that a device keeps. */
interface Kept {
  readonly bytes: number;
  readonly names: number;
  readonly timers: number;
}

export function c1(bench: Bench, seed: number): void {
  if (!bench.goesOn) return;
  bench.check(`--suite C1 --seed ${seed}`, () => live(seed));
}

class Churn {
  board: AppBoard | undefined;

  readonly app: App = (board) => {
    this.board = board;
    board.operation({
      name: 'x_Fails',
      run: () => {
        throw new Error('it does not work\nfor a reason of two lines');
      },
    });
  };

  /**
   * Adds a child with everything that a child can have; returns a function that removes it. Some leave an uncleared
   * alarm.
   */
  come(hour: number, id: string): () => void {
    const { board } = this;
    if (board === undefined) throw new Error('there is no board');
    const child = board.child(id, { type: 'x_Guest' });
    child.sensor({
      // Created each time, like an app that builds its sensors where it needs them.
      reports: measurement({ type: 'x_Heat', fragments: { x_Heat: { T: { of: 'heat', unit: 'C', decimals: 1 } } } }),
      sensor: { sample: () => ({ heat: hour % 50 }) },
    });
    child.measure('x_Once', { x_Once: { N: { value: hour } } });
    child.event('x_Came', `${id} came`);
    child.alarm(`x_Child${hour % 7}`, 'MINOR', 'it is here');
    child.fragment('x_Since', hour);
    board.alarm(`x_Wave${hour}`, 'WARNING', 'this wave');
    return () => {
      board.clear(`x_Wave${hour}`);
      if (hour % 2 === 0) child.clear(`x_Child${hour % 7}`);
      child.remove();
    };
  }
}

function live(seed: number) {
  const churn = new Churn();
  const machine = { nor: { sectorBytes: 4096, sectors: 16 } };
  const world = new World({ seed, app: churn.app, config: CONFIG, machine, keepExchanges: 0 });
  let usual: Kept = { bytes: 0, names: 0, timers: 0 };
  let open: Operation[] = [];
  world.start();
  world.run(10 * MINUTE_MS);
  for (let hour = 0; hour < HOURS; hour++) {
    if (hour % WEEK_HOURS === WEEK_HOURS - 1) {
      world.device.reboot();
      world.run(10 * MINUTE_MS);
    }
    const id = hour % 5 === 0 ? 'guest' : `guest-${hour}`;
    const go = churn.come(hour, id);
    open = order(world);
    world.run(25 * MINUTE_MS);
    const child = findDevice(world.platform, `${world.device.deviceId}:${id}`);
    if (child === undefined) throw new Error(`C1: ${id} is not registered in hour ${hour}`);
    go();
    world.run(25 * MINUTE_MS);
    if (!open.every(isEnded)) throw new Error(`C1: operations of hour ${hour} have no end`);
    if (world.object?.children.childDevices.has(child.id) === true) throw new Error(`C1: ${id} is still there`);
    const kept = keptBy(world);
    if (hour < USUAL_HOURS) usual = most(usual, kept);
    else checkGrowth(usual, kept, hour);
  }
  world.finish();
  return { cuts: 0, faults: HOURS, requests: world.requests, simulatedMs: world.time.nowMs };
}

/** Orders unknown and failing operations. */
function order({ platform, object }: World): Operation[] {
  return [{ x_Unknown: {} }, { x_Fails: {} }].map((fragments) =>
    createOperation(platform, object?.id ?? '', fragments),
  );
}

function keptBy({ device }: World): Kept {
  const { flash, runningTimers } = device.machine;
  const bytes = [...flash.values].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return { bytes, names: flash.values.size, timers: runningTimers };
}

function most(a: Kept, b: Kept): Kept {
  return {
    bytes: Math.max(a.bytes, b.bytes),
    names: Math.max(a.names, b.names),
    timers: Math.max(a.timers, b.timers),
  };
}

function checkGrowth(usual: Kept, kept: Kept, hour: number): void {
  for (const what of ['bytes', 'names', 'timers'] as const) {
    if (kept[what] <= usual[what] * MOST_GROWTH) continue;
    throw new Error(`C1: ${kept[what]} ${what} are kept in hour ${hour}, ${usual[what]} were usual`);
  }
}
