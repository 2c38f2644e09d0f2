// SPDX-License-Identifier: Apache-2.0
/** Invariants that must always hold: checked after every event, and at the end. */

import { STORE_VALUE_MAX_BYTES } from '../../../hal/common/store-checks.ts';
import type { Operation } from '../../platform/model.ts';
import { measurementsOf, objectsOf } from '../../platform/operator.ts';
import type { Rule } from '../../platform/rules.ts';
import { orderOf } from '../faults/fault.ts';
import type { Injector } from '../faults/injector.ts';
import { SLOW_MS } from '../faults/striker.ts';
import { isEnded, type Life } from '../machine/life.ts';
import { BOARD, type Moment } from '../machine/plant.ts';
import { ImageWatch } from '../scenarios/signed.ts';
import { WifiWatch } from '../scenarios/wifi.ts';
import { checkAlarm } from './alarm-check.ts';
import { allowedRules } from './allowed.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { checkEnds, checkEvents, checkInventory } from './ends.ts';
import { PollWatch } from './poll-watch.ts';
import type { EndsOptions } from './reasons.ts';
import { checkSamples } from './samples.ts';
import { CLOCK_TOLERANCE_MS, isNear, iso, type TimeRules } from './times.ts';

/** Most requests from an undisturbed start to the first poll (I7). */
const MOST_REQUESTS_TO_ONLINE = 60;
/** Most requests of one device in any two minutes (I10); with one connection, it polls every few seconds. */
const MOST_REQUESTS_IN_TWO_MINUTES = 240;
const MINUTE_MS = 60_000;
/** Faults that delay the reading of an answer, and of its time, by up to `SLOW_MS`. */
const SLOWING: readonly string[] = ['slow', 'trickle', 'late', 'too-late'];
/** Most measurements in one request. */
const MOST_IN_BATCH = 50;

/** Invariants I1 to I15 and I18 to I23 of one life. A violation throws an error that names the invariant. */
export class Invariants {
  /** Rules whose breach is caused by the life's faults. */
  readonly allowed: readonly Rule[];
  readonly #life: Life;
  readonly #refusals: number;
  readonly #firstStart: number;
  readonly #injector: Injector;
  readonly #statusCount = new Map<Operation, number>();
  /** Starts in which the flash has refused or ignored something. */
  readonly #refusedStarts = new Set<number>();
  readonly #wifi: WifiWatch;
  /** Checked after every event; the others when flash has changed. */
  readonly #always: readonly { afterEvent(): void }[];
  readonly #watches: readonly { afterEvent(): void }[];
  #harmedWrites = 0;
  #requests = -1;
  #writes = -1;
  #minute = 0;
  #requestsOfMinute = 0;
  #requestsOfLastMinute = 0;
  #hadCredentials = false;
  #bootCount = -1;
  /** Number of requests before the present start; undefined: the start is disturbed, or the first poll has come. */
  #startRequests: number | undefined;

  /** @param options.refusals number of requests that are refused for good */
  constructor(options: { readonly life: Life; readonly injector: Injector; readonly refusals: number }) {
    this.#life = options.life;
    this.#wifi = new WifiWatch(options.life);
    this.#watches = [this.#wifi, new CertificateWatch(options.life)];
    this.#always = [new ImageWatch(options.life), new PollWatch(options.life, options.injector)];
    this.#injector = options.injector;
    this.#refusals = options.refusals;
    this.#firstStart = options.life.plant.starts.length + (options.life.device.powered ? 0 : 1);
    this.allowed = allowedRules(options);
  }

  /** The platform has answered, or closed the connection. */
  onAnswered(): void {
    this.#wifi.answered();
  }

  /** Called after every event. Unchanged data is not checked again. */
  afterEvent(): void {
    const { world, device, plant } = this.#life;
    const { flash } = device.machine;
    for (const watch of this.#always) watch.afterEvent();
    if (this.#injector.harmedWrites !== this.#harmedWrites) {
      this.#harmedWrites = this.#injector.harmedWrites;
      if (device.powered) this.#refusedStarts.add(plant.starts.length);
    }
    if (world.requests !== this.#requests) {
      this.#countRequests(world.requests - Math.max(0, this.#requests));
      this.#requests = world.requests;
      this.#checkPlatform();
      this.#checkStart();
    }
    if (flash.writes !== this.#writes) {
      this.#writes = flash.writes;
      for (const watch of this.#watches) watch.afterEvent();
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
      // Without the note on flash, the device cannot remember, and this platform does not either.
      if (scenario.takesBack === true && this.#injector.harmedWrites > 0) continue;
      if (times > 1) throw new Error(`I2: operation ${id} was begun ${times} times`);
    }
    const most = 1 + new Set([...(scenario.children ?? []), ...(scenario.known ?? [])]).size;
    const { objects } = world.platform.core;
    if (objects.size > most && objectsOf(world.platform, device.user).filter(isDevice).length > most) {
      throw new Error('I6: a second managed object');
    }
  }

  /**
   * I1: an operation only moves forward, and ends once. One that a person has ended unnoticed may be ended again by the
   * device.
   */
  #checkOperation(operation: Operation): void {
    const { history, id } = operation;
    if (this.#statusCount.get(operation) === history.length) return;
    this.#statusCount.set(operation, history.length);
    if (this.#life.scenario.cancels === true || this.#life.scenario.takesBack === true) return;
    const ends = history.filter(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED').length;
    if (ends > 1 || (ends === 1 && !isEnded(operation))) {
      throw new Error(`I1: operation ${id}: ${history.map(({ status }) => status).join(', ')}`);
    }
  }

  /** I5: once there are credentials, the device always has some that the platform accepts. */
  #checkCredentials(): void {
    const { world, device, scenario } = this.#life;
    if (scenario.certificate === true || scenario.enrols === true) return;
    const user = world.platform.core.findUser(world.platform.core.tenant, device.user);
    const has = user?.password !== undefined && holds(device.machine.flash.values, user.password);
    if (this.#hadCredentials && !has && !this.#injector.damaging) throw new Error('I5: no credentials in the store');
    // A device that has created its object has used its credentials, so they must be stored, unless the flash has lost
    // a write.
    const isHarmed = this.#injector.harmedWrites > 0 || this.#injector.damaging;
    const isUsed = world.object !== undefined && scenario.replaced !== true && !isHarmed;
    if (isUsed && !has) throw new Error('I5: credentials were used that are not in the store');
    if (has) this.#hadCredentials = true;
  }

  /** I10: limits the requests per minute. */
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

  /** I7: an undisturbed start leads to the first poll soon. */
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

  /** The checks at the end, when no fault lasts. */
  atEnd(): void {
    const { scenario, device } = this.#life;
    const rules = this.#timeRules();
    this.#checkPlatform();
    checkEnds(this.#ends);
    this.#checkThrown();
    if (scenario.forgets !== true) this.#checkTelemetry(rules);
    this.#checkClock(rules);
    checkAlarm(this.#life, rules, this.#ends.doubts);
    checkInventory(this.#life);
    if (device.machine.runningTimers === 0) throw new Error('it sleeps for ever');
    if (this.#refusals === 0) scenario.check?.(this.#life);
  }

  /** I13: an exception restarts the device, or costs a sample or an operation, and is logged. */
  #checkThrown(): void {
    const { thrown } = this.#injector;
    const { panics, lines } = this.#life.device.machine;
    if (thrown === undefined || panics.includes(thrown)) return;
    if (!lines.some(({ line }) => line.includes(thrown.message))) {
      throw new Error(`I13: ${thrown.message}: neither a restart nor a line in the log came of it`);
    }
  }

  /**
   * The options of the checks of ends. An acknowledgement may be lost by a fault of the flash or by a restart, which
   * causes doubts.
   */
  get #ends(): EndsOptions {
    const { ambiguous, hitWrites } = this.#injector;
    const restarts = this.#life.plant.starts.length - this.#firstStart;
    const doubts = ambiguous + hitWrites + Math.max(0, restarts);
    return { life: this.#life, injector: this.#injector, refusals: this.#refusals, doubts };
  }

  #timeRules(): TimeRules {
    const { scenario, plant } = this.#life;
    const { applied } = this.#injector;
    const lies = applied.map((fault) => orderOf(fault)).map((order) => (order?.kind === 'date' ? order.skewMs : 0));
    const told = lies.filter((skewMs) => skewMs !== 0);
    // A known clock does not follow a single answer.
    const isKnown = scenario.begin === 'listening' && plant.starts.length === this.#firstStart;
    const believed = isKnown && told.length < 2 ? [] : told;
    return {
      toleranceMs: CLOCK_TOLERANCE_MS + (applied.some(({ what }) => SLOWING.includes(what)) ? SLOW_MS : 0),
      skewsMs: [0, scenario.skewMs ?? 0, ...believed],
      starts: plant.starts,
    };
  }

  /** I14: the clock is right in the end, whatever times the device was told. */
  #checkClock(rules: TimeRules): void {
    const { device, world } = this.#life;
    const now = device.machine.hal?.clock.now();
    const { epochMs } = world.time;
    if (now === undefined || !isNear(now, epochMs, epochMs, { ...rules, skewsMs: [0] })) {
      throw new Error(`I14: the clock says ${now === undefined ? 'nothing' : iso(now)} at ${iso(epochMs)}`);
    }
  }

  /** I3, I4 and I14: checks all measurements. */
  #checkTelemetry(rules: TimeRules): void {
    const { world, plant, device } = this.#life;
    const isDurable = device.machine.nor !== undefined;
    const { doubts } = this.#ends;
    const { hitWrites } = this.#injector;
    let lost = 0;
    let known = 0;
    const again = new Map<number, number>();
    for (const [source, taken] of plant.taken) {
      const id = source === BOARD ? world.object?.id : this.#life.childId(source);
      const records = measurementsOf(world.platform, id ?? '');
      known += records.length;
      const arrived = checkSamples(records, taken, rules, source === BOARD ? 'the board' : source);
      for (const [at, count] of arrived.again) again.set(at, (again.get(at) ?? 0) + count);
      // The last sample may be in transit.
      const first = isDurable ? 1 : plant.samplesBefore(source) + 1;
      for (let sample = first; sample < taken.length; sample++) {
        if (!arrived.seen.has(sample) && !this.#isGone(taken[sample - 1])) lost += 1;
      }
    }
    if (world.platform.core.measurements.size > known) throw new Error('I3: there are measurements of nobody');
    if (again.size > doubts) throw new Error(`I3: ${again.size} batches came twice, ${doubts} were in doubt`);
    for (const count of again.values()) if (count > MOST_IN_BATCH) throw new Error(`I3: ${count} samples came twice`);
    // A refused batch is halved until one record is left, which is dropped.
    if (lost > hitWrites + this.#refusals + this.#toldLosses) throw new Error(`I3: ${lost} samples are lost`);
    this.#checkEvents(rules, isDurable);
  }

  /** The number of lost records that the device has reported. */
  get #toldLosses(): number {
    let told = 0;
    for (const { fragments } of this.#life.world.platform.core.events.values()) {
      const loss = fragments['fractus_DataLost'] as { count: number; of: string } | undefined;
      if (loss?.of === 'measurements') told += loss.count;
    }
    return told;
  }

  /** Whether the sample was lost in RAM: the flash had refused it, and another start followed. */
  #isGone(sample: Moment | undefined): boolean {
    const start = sample?.start ?? 0;
    return start < this.#life.plant.starts.length && this.#refusedStarts.has(start);
  }

  #checkEvents(rules: TimeRules, isDurable: boolean): void {
    const { plant } = this.#life;
    const told = checkEvents(this.#ends, rules);
    const missing = [...plant.worked.keys()].filter((id) => !told.has(id)).length;
    if (isDurable && missing > this.#injector.hitWrites + this.#refusals)
      throw new Error(`I3: ${missing} events are lost`);
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
