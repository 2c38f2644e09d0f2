/** What has to hold whatever happens: looked at after every event, and once more at the end. */

import { STORE_VALUE_MAX_BYTES } from '../../hal/hal.ts';
import type { Operation } from '../platform/model.ts';
import { alarmsOf, measurementsOf, objectsOf } from '../platform/operator.ts';
import type { Rule } from '../platform/rules.ts';
import type { Injector } from './injector.ts';
import { isEnded, type Life } from './life.ts';
import { TROUBLE } from './plant.ts';

/** Requests between a start that nothing disturbs and the first poll (I7). */
const MOST_REQUESTS_TO_ONLINE = 60;
/** Requests of one device in any two minutes (I10); one connection polls every few seconds. */
const MOST_REQUESTS_IN_TWO_MINUTES = 240;
const MINUTE_MS = 60_000;
/** Measurements of one request. */
const MOST_IN_BATCH = 50;

/** Invariants I1 to I13 of one life. What breaks one throws an error that names it. */
export class Invariants {
  /** Rules whose breach is a matter of what is done to the device. */
  readonly allowed: readonly Rule[];
  readonly #life: Life;
  readonly #refusals: number;
  readonly #injector: Injector;
  readonly #statusCount = new Map<Operation, number>();
  #requests = -1;
  #writes = -1;
  #minute = 0;
  #requestsOfMinute = 0;
  #requestsOfLastMinute = 0;
  #hadCredentials = false;
  #bootCount = -1;
  /** Requests before the present start; undefined: it is disturbed, or has come to its first poll. */
  #startRequests: number | undefined;

  /** @param options.refusals how many requests are refused for good */
  constructor(options: { readonly life: Life; readonly injector: Injector; readonly refusals: number }) {
    this.#life = options.life;
    this.#injector = options.injector;
    this.#refusals = options.refusals;
    this.allowed = [
      // An operation whose start the platform refuses is passed over.
      ...(options.refusals > 0 ? (['operation-order'] as const) : []),
      // It learns that its object is gone when it may not subscribe to it.
      ...(options.life.scenario.forgets === true ? (['subscribe-denied'] as const) : []),
    ];
  }

  /** After every event; what nothing has changed of is not looked at again. */
  afterEvent(): void {
    const { world, device } = this.#life;
    const { flash } = device.machine;
    if (world.requests !== this.#requests) {
      this.#countRequests(world.requests - Math.max(0, this.#requests));
      this.#requests = world.requests;
      this.#checkPlatform();
      this.#checkStart();
    }
    if (flash.writes !== this.#writes) {
      this.#writes = flash.writes;
      this.#checkCredentials();
    }
  }

  #checkPlatform(): void {
    const { world, operations, device, scenario } = this.#life;
    const breach = world.breaches.find(({ rule }) => !this.allowed.includes(rule));
    if (breach !== undefined) throw new Error(`breach of ${breach.rule}: ${breach.what} (${breach.request})`);
    if (world.troubles[0] !== undefined) throw new Error(world.troubles[0]);
    for (const operation of operations) this.#checkOperation(operation);
    for (const [id, times] of this.#life.plant.begun) {
      if (times > 1) throw new Error(`I2: operation ${id} was begun ${times} times`);
    }
    const most = 1 + new Set([...(scenario.children ?? []), ...(scenario.known ?? [])]).size;
    const { objects } = world.platform.core;
    if (objects.size > most && objectsOf(world.platform, device.user).filter(isDevice).length > most) {
      throw new Error('I6: a second managed object');
    }
  }

  /** I1: forward only, and one end. What people have ended behind its back a device can only end once more. */
  #checkOperation(operation: Operation): void {
    const { history, id } = operation;
    if (this.#statusCount.get(operation) === history.length) return;
    this.#statusCount.set(operation, history.length);
    if (this.#life.scenario.cancels === true) return;
    const ends = history.filter(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED').length;
    if (ends > 1 || (ends === 1 && !isEnded(operation))) {
      throw new Error(`I1: operation ${id}: ${history.map(({ status }) => status).join(', ')}`);
    }
  }

  /** I5: once there are credentials, there always are some that the platform takes. */
  #checkCredentials(): void {
    const { world, device, scenario } = this.#life;
    if (scenario.certificate === true) return;
    const user = world.platform.core.findUser(world.platform.core.tenant, device.user);
    const has = user?.password !== undefined && holds(device.machine.flash.values, user.password);
    if (this.#hadCredentials && !has && !this.#injector.damaging) throw new Error('I5: no credentials in the store');
    if (has) this.#hadCredentials = true;
  }

  /** I10. */
  #countRequests(count: number): void {
    const { time } = this.#life.world;
    const minute = Math.floor(time.nowMs / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#requestsOfLastMinute = minute === this.#minute + 1 ? this.#requestsOfMinute : 0;
      this.#requestsOfMinute = 0;
      this.#minute = minute;
    }
    this.#requestsOfMinute += count;
    const sum = this.#requestsOfMinute + this.#requestsOfLastMinute;
    if (sum > MOST_REQUESTS_IN_TWO_MINUTES) throw new Error(`I10: ${sum} requests in two minutes`);
  }

  /** I7: a start that nothing disturbs leads to the first poll soon. */
  #checkStart(): void {
    const { world, device } = this.#life;
    const { bootCount } = device.machine;
    if (bootCount !== this.#bootCount) {
      this.#bootCount = bootCount;
      this.#startRequests = this.#injector.calm ? world.requests : undefined;
    }
    if (this.#startRequests === undefined || !this.#life.listening) return;
    const requests = world.requests - this.#startRequests;
    this.#startRequests = undefined;
    if (requests > MOST_REQUESTS_TO_ONLINE)
      throw new Error(`I7: ${requests} requests from the start to the first poll`);
  }

  /** When all is calm again. */
  atEnd(): void {
    const { scenario, operations, world, device, plant } = this.#life;
    this.#checkPlatform();
    for (const operation of operations) {
      if (!isEnded(operation)) throw new Error(`I1: operation ${operation.id} is still ${operation.status}`);
    }
    this.#checkThrown();
    if (scenario.forgets !== true) this.#checkTelemetry();
    if (this.#refusals > 0) return;
    const id = world.object?.id ?? '';
    const active = alarmsOf(world.platform, id).filter(
      ({ fragments }) => fragments['type'] === TROUBLE && fragments['status'] !== 'CLEARED',
    ).length;
    if (active !== (plant.alarming ? 1 : 0)) throw new Error(`I3: ${active} alarms are active`);
    for (const operation of operations) this.#checkTruth(operation);
    if (device.machine.runningTimers === 0) throw new Error('it sleeps for ever');
    scenario.check?.(this.#life);
  }

  /** I13: an exception ends the start, or costs a reading or an operation, and is said. */
  #checkThrown(): void {
    const { thrown } = this.#injector;
    const { panics, lines } = this.#life.device.machine;
    if (thrown === undefined || panics.includes(thrown)) return;
    if (!lines.some(({ line }) => line.includes(thrown.message))) {
      throw new Error(`I13: ${thrown.message}: neither a restart nor a line in the log came of it`);
    }
  }

  /** What an operation came to is what was done. */
  #checkTruth(operation: Operation): void {
    const { plant } = this.#life;
    const succeeded = operation.status === 'SUCCESSFUL';
    if (operation.fragments['x_Work'] !== undefined && succeeded && !plant.told.includes(operation.id)) {
      throw new Error(`I1: operation ${operation.id} is SUCCESSFUL and was never done`);
    }
    if (operation.fragments['x_Unknown'] !== undefined && succeeded) {
      throw new Error(`I1: operation ${operation.id} cannot have succeeded`);
    }
    const isCancelled = operation.failureReason === 'cancelled';
    if (this.#injector.turns === 0 && !succeeded && !isCancelled && operation.fragments['x_Unknown'] === undefined) {
      throw new Error(`I1: operation ${operation.id} failed without a reason: ${operation.failureReason}`);
    }
  }

  /** I3 and I4. */
  #checkTelemetry(): void {
    const { world } = this.#life;
    const records = measurementsOf(world.platform, world.object?.id ?? '').filter(
      ({ fragments }) => fragments['level'] !== undefined,
    );
    const seen = new Set<number>();
    const again = new Map<number, number>();
    let last = 0;
    for (const { fragments, creationTimeMs } of records) {
      const { value } = (fragments['level'] as { L: { value: number } }).L;
      if (seen.has(value)) again.set(creationTimeMs, (again.get(creationTimeMs) ?? 0) + 1);
      else if (value < last) throw new Error(`I4: sample ${value} came behind ${last}`);
      else last = value;
      seen.add(value);
    }
    // The acknowledgement of a batch may have been what a fault of the flash hit.
    const doubts = this.#injector.ambiguous + this.#injector.cuts + this.#injector.hitWrites;
    if (again.size > doubts) {
      throw new Error(`I3: ${again.size} batches came twice, ${doubts} were in doubt`);
    }
    for (const count of again.values()) if (count > MOST_IN_BATCH) throw new Error(`I3: ${count} samples came twice`);
    this.#checkLoss(seen);
  }

  /** What was taken has arrived, but for what is under way and what a fault of the flash hit while it was written. */
  #checkLoss(seen: ReadonlySet<number>): void {
    const { plant, device } = this.#life;
    const isDurable = device.machine.nor !== undefined;
    const { hitWrites } = this.#injector;
    let lost = 0;
    const first = isDurable ? 1 : plant.samplesBefore + 1;
    for (let sample = first; sample < plant.samples; sample++) if (!seen.has(sample)) lost += 1;
    if (lost > hitWrites + this.#refusals * MOST_IN_BATCH) throw new Error(`I3: ${lost} samples are lost`);
    if (!isDurable) return;
    const events = this.#events;
    const missing = plant.told.filter((id) => !events.has(id)).length;
    if (missing > hitWrites + this.#refusals) throw new Error(`I3: ${missing} events are lost`);
  }

  get #events(): Set<string> {
    const { world } = this.#life;
    return new Set([...world.platform.core.events.values()].map(({ fragments }) => String(fragments['text'])));
  }
}

function isDevice({ fragments }: { readonly fragments: Readonly<Record<string, unknown>> }): boolean {
  return fragments['c8y_IsDevice'] !== undefined;
}

function holds(values: ReadonlyMap<string, Uint8Array>, text: string): boolean {
  for (const value of values.values()) {
    if (value.length <= STORE_VALUE_MAX_BYTES && Buffer.from(value).includes(text)) return true;
  }
  return false;
}
