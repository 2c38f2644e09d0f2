// SPDX-License-Identifier: Apache-2.0
/** A whole life of a device, from its bootstrap to a restart, and what the platform sees of it. */

import { type App, type AppBoard, measurement } from '../../src/index.ts';
import type { Fault } from '../../tools/platform/faults.ts';
import type { JsonObject, Operation } from '../../tools/platform/model.ts';
import { createOperation, findDevice } from '../../tools/platform/operator.ts';
import type { Rule } from '../../tools/platform/rules.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { objectOf, owned } from '../agent/scene.ts';
import { HostileNetwork } from './wire.ts';

const warmth = measurement({ type: 'x_Warmth', fragments: { x_Warmth: { T: { of: 'temperature', unit: '°C' } } } });

/** Keys of the devices here. */
export type Config = Readonly<Record<string, string | undefined>>;

/** The parts of a life, in order. */
export type Phase = 'begin' | 'work' | 'restart';
export const phases: readonly Phase[] = ['begin', 'work', 'restart'];

/** Within this whatever is waited for has to happen, in spite of a dead poll and a pause of a minute. */
const patienceMs = 900_000;

/**
 * A device with a child, an alarm, an event, a fragment that changes, and an operation that has to do with all of them:
 * every kind of request that there is occurs once.
 */
export class Life {
  readonly network = new HostileNetwork();
  readonly world: World;
  /** Ids of operations whose handlers were called, in that order. */
  readonly begun: string[] = [];
  /** Hosts that it has tried to reach. */
  readonly #hosts = new Set<string>();
  readonly #operations: Operation[] = [];

  /** @param faults what the platform does wrong by order, from the start. */
  constructor(config: Config = {}, faults: readonly Fault[] = []) {
    this.world = new World({
      network: this.network,
      app: this.#app,
      config: { measurementInterval: '3600', pollTimeout: '60', ...config },
    });
    for (const fault of faults) this.world.platform.order(fault);
    this.network.decide = ({ host }) => {
      this.#hosts.add(host);
      return 'accept';
    };
    this.world.onRequest = (request, number) => this.network.asked(request, number);
  }

  get #app(): App {
    return (board) => {
      board.sensor({ reports: warmth, sensor: { sample: () => ({ temperature: 20 }) } });
      const child = board.child('meter', { type: 'x_Meter' });
      for (const device of [board, child]) {
        device.operation({
          name: 'x_Work',
          run: (operation) => {
            this.begun.push(operation.id);
            this.#work(board);
            operation.fragment('x_Done', { text: operation.text('text') ?? '' });
            operation.succeed();
          },
        });
      }
    };
  }

  /** First raises the alarm, then clears it. */
  #work(board: AppBoard): void {
    board.event('x_Worked', `work ${this.begun.length}`);
    board.fragment('x_Count', this.begun.length);
    if (this.begun.length === 1) board.alarm('x_Alarm', 'MAJOR', 'something is wrong', { x_Why: { deep: [1, 2] } });
    else board.clear('x_Alarm');
  }

  /** From the first start until it is registered with its child and listens: guide steps 0 to 6. */
  #begin(): void {
    this.world.start();
    this.#until(() => this.#complete && this.world.platform.core.sessions.size > 0);
  }

  /** Two operations, one for the child, with all that follows from them: guide steps 7 to 11. */
  #workOn(): void {
    const { core } = this.world.platform;
    this.#order({ x_Work: { text: 'for the device' } }, objectOf(this.world).id);
    this.#until(() => this.#alarmStatus === 'ACTIVE');
    this.#order({ x_Work: { text: 'for the child' } }, this.#child ?? '');
    this.#until(() => this.#alarmStatus === 'CLEARED' && core.events.size >= 2 && core.measurements.size >= 1);
  }

  /** The device restarts because it is told so, finds itself again and goes on. */
  #startAgain(): void {
    this.#order({ c8y_Restart: {} }, objectOf(this.world).id);
    this.#order({ c8y_Command: { text: 'help' } }, objectOf(this.world).id);
  }

  /** Lives up to and with this phase; `onPhase` is told when one begins. */
  live(last: Phase, onPhase: (phase: Phase) => void = () => {}): void {
    for (const phase of phases) {
      onPhase(phase);
      if (phase === 'begin') this.#begin();
      else if (phase === 'work') this.#workOn();
      else this.#startAgain();
      if (phase === last) return;
    }
  }

  /** What is under way comes to its end, and the device is found well. */
  finish(allowed: readonly Rule[] = []): void {
    this.world.run(10_000);
    this.#order({ x_Work: { text: 'the last thing' } }, objectOf(this.world).id);
    this.#until(() => objectOf(this.world).fragments['x_Count'] === this.begun.length);
    this.world.run(10_000);
    this.world.finish(allowed);
    if ([...this.#hosts].join() !== 'platform.test') throw new Error(`it went to ${[...this.#hosts]}`);
    const seen = JSON.stringify(this.visible);
    for (const { password } of this.world.platform.core.users.values()) {
      if (password !== undefined && seen.includes(password)) throw new Error('a secret on the platform');
    }
  }

  /** All that the platform holds of the device; equal however the way there was. */
  get visible(): unknown {
    const { platform } = this.world;
    const ids = new Map([...platform.core.externalIds.values()].map((each) => [each.objectId, each.externalId]));
    const nameOf = (id: string) => ids.get(id) ?? 'nobody';
    return {
      users: [...platform.core.users.keys()],
      devices: owned(this.world)
        .map((object) => ({
          externalId: nameOf(object.id),
          fragments: object.fragments,
          children: [...object.children.childDevices].map(nameOf),
        }))
        .sort((a, b) => (a.externalId < b.externalId ? -1 : 1)),
      operations: this.#operations.map(({ id, history, fragments, failureReason, deviceId }) => ({
        device: nameOf(deviceId),
        history: history.map(({ status }) => status),
        fragments,
        failureReason,
        runs: this.begun.filter((each) => each === id).length,
      })),
      alarms: [...platform.core.alarms.values()].map(({ sourceId, fragments }) => [nameOf(sourceId), fragments]),
      // What is sent again because its answer was lost arrives again: at least once is all there is.
      events: distinct(platform.core.events.values(), nameOf),
      measurements: distinct(platform.core.measurements.values(), nameOf),
    };
  }

  get #child(): string | undefined {
    return findDevice(this.world.platform, `${this.world.device.deviceId}:meter`)?.id;
  }

  /** Both are registered, and the one is under the other. */
  get #complete(): boolean {
    const { object } = this.world;
    const child = this.#child;
    return object !== undefined && child !== undefined && object.children.childDevices.has(child);
  }

  get #alarmStatus(): unknown {
    return [...this.world.platform.core.alarms.values()][0]?.fragments['status'];
  }

  #order(fragments: JsonObject, deviceId: string): void {
    const operation = createOperation(this.world.platform, deviceId, fragments);
    this.#operations.push(operation);
    this.#until(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED');
  }

  #until(condition: () => boolean): void {
    if (!condition()) this.world.runUntil(condition, patienceMs);
  }
}

function distinct(
  records: Iterable<{ readonly sourceId: string; readonly fragments: unknown }>,
  nameOf: (id: string) => string,
): string[] {
  const texts = [...records].map(({ sourceId, fragments }) => JSON.stringify([nameOf(sourceId), fragments]));
  return [...new Set(texts)].sort();
}
