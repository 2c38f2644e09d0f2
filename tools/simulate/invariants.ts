// SPDX-License-Identifier: Apache-2.0
/** What has to hold whatever happens: looked at after every event, and once more at the end. */

import { STORE_VALUE_MAX_BYTES } from '../../hal/common/store-checks.ts';
import type { Operation } from '../platform/model.ts';
import { measurementsOf, objectsOf } from '../platform/operator.ts';
import type { Rule } from '../platform/rules.ts';
import { checkAlarm } from './alarm-check.ts';
import { allowedRules } from './allowed.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { checkEnds, checkEvents, checkInventory } from './ends.ts';
import { orderOf } from './fault.ts';
import type { Injector } from './injector.ts';
import { isEnded, type Life } from './life.ts';
import { BOARD, type Moment } from './plant.ts';
import type { EndsOptions } from './reasons.ts';
import { checkSamples } from './samples.ts';
import { SignedWatch } from './signed.ts';
import { SLOW_MS } from './striker.ts';
import { CLOCK_TOLERANCE_MS, isNear, iso, type TimeRules } from './times.ts';
import { WifiWatch } from './wifi.ts';

/** Requests between a start that nothing disturbs and the first poll (I7). */
const MOST_REQUESTS_TO_ONLINE = 60;
/** Requests of one device in any two minutes (I10); one connection polls every few seconds. */
const MOST_REQUESTS_IN_TWO_MINUTES = 240;
const MINUTE_MS = 60_000;
/** Faults with which an answer, and the time in it, may take as long as `SLOW_MS` to be read. */
const SLOWING: readonly string[] = ['slow', 'trickle', 'late', 'too-late'];
/** Measurements of one request. */
const MOST_IN_BATCH = 50;

/** Invariants I1 to I15 and I18 to I21 of one life. What breaks one throws an error that names it. */
export class Invariants {
  /** Rules whose breach is a matter of what is done to the device. */
  readonly allowed: readonly Rule[];
  readonly #life: Life;
  readonly #refusals: number;
  readonly #firstStart: number;
  readonly #injector: Injector;
  readonly #statusCount = new Map<Operation, number>();
  /** Starts in which the flash has refused or ignored something. */
  readonly #refusedStarts = new Set<number>();
  readonly #wifi: WifiWatch;
  /** Looked at after every event, and when flash has changed. */
  readonly #signed: SignedWatch;
  readonly #watches: readonly { afterEvent(): void }[];
  #harmedWrites = 0;
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
    this.#wifi = new WifiWatch(options.life);
    this.#watches = [this.#wifi, new CertificateWatch(options.life)];
    this.#signed = new SignedWatch(options.life);
    this.#injector = options.injector;
    this.#refusals = options.refusals;
    this.#firstStart = options.life.plant.starts.length + (options.life.device.powered ? 0 : 1);
    this.allowed = allowedRules(options);
  }

  /** The platform has answered, or has hung up. */
  onAnswered(): void {
    this.#wifi.answered();
  }

  /** After every event; what nothing has changed of is not looked at again. */
  afterEvent(): void {
    const { world, device, plant } = this.#life;
    const { flash } = device.machine;
    this.#signed.afterEvent();
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
      // Flash that has not taken the note does not remember, and such a platform does not either.
      if (scenario.takesBack === true && this.#injector.harmedWrites > 0) continue;
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
    if (this.#life.scenario.cancels === true || this.#life.scenario.takesBack === true) return;
    const ends = history.filter(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED').length;
    if (ends > 1 || (ends === 1 && !isEnded(operation))) {
      throw new Error(`I1: operation ${id}: ${history.map(({ status }) => status).join(', ')}`);
    }
  }

  /** I5: once there are credentials, there always are some that the platform takes. */
  #checkCredentials(): void {
    const { world, device, scenario } = this.#life;
    if (scenario.certificate === true || scenario.enrols === true) return;
    const user = world.platform.core.findUser(world.platform.core.tenant, device.user);
    const has = user?.password !== undefined && holds(device.machine.flash.values, user.password);
    if (this.#hadCredentials && !has && !this.#injector.damaging) throw new Error('I5: no credentials in the store');
    // Who has made its object has used them, so they are kept; flash that says so and does not do it is no fault of it.
    const isHarmed = this.#injector.harmedWrites > 0 || this.#injector.damaging;
    const isUsed = world.object !== undefined && scenario.replaced !== true && !isHarmed;
    if (isUsed && !has) throw new Error('I5: credentials were used that are not in the store');
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

  /** I13: an exception ends the start, or costs a reading or an operation, and is said. */
  #checkThrown(): void {
    const { thrown } = this.#injector;
    const { panics, lines } = this.#life.device.machine;
    if (thrown === undefined || panics.includes(thrown)) return;
    if (!lines.some(({ line }) => line.includes(thrown.message))) {
      throw new Error(`I13: ${thrown.message}: neither a restart nor a line in the log came of it`);
    }
  }

  /** What was acknowledged may have been what a fault of the flash hit, or what a restart did not wait for. */
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
    // A clock that is known follows no single answer.
    const isKnown = scenario.begin === 'listening' && plant.starts.length === this.#firstStart;
    const believed = isKnown && told.length < 2 ? [] : told;
    return {
      toleranceMs: CLOCK_TOLERANCE_MS + (applied.some(({ what }) => SLOWING.includes(what)) ? SLOW_MS : 0),
      skewsMs: [0, scenario.skewMs ?? 0, ...believed],
      starts: plant.starts,
    };
  }

  /** I14: whatever it was told meanwhile, the clock is right in the end. */
  #checkClock(rules: TimeRules): void {
    const { device, world } = this.#life;
    const now = device.machine.hal?.clock.now();
    const { epochMs } = world.time;
    if (now === undefined || !isNear(now, epochMs, epochMs, { ...rules, skewsMs: [0] })) {
      throw new Error(`I14: the clock says ${now === undefined ? 'nothing' : iso(now)} at ${iso(epochMs)}`);
    }
  }

  /** I3, I4 and I14. */
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
      // The last one may be under way.
      const first = isDurable ? 1 : plant.samplesBefore(source) + 1;
      for (let sample = first; sample < taken.length; sample++) {
        if (!arrived.seen.has(sample) && !this.#isGone(taken[sample - 1])) lost += 1;
      }
    }
    if (world.platform.core.measurements.size > known) throw new Error('I3: there are measurements of nobody');
    if (again.size > doubts) throw new Error(`I3: ${again.size} batches came twice, ${doubts} were in doubt`);
    for (const count of again.values()) if (count > MOST_IN_BATCH) throw new Error(`I3: ${count} samples came twice`);
    // A batch that is refused is halved until one record is left, which goes.
    if (lost > hitWrites + this.#refusals + this.#toldLosses) throw new Error(`I3: ${lost} samples are lost`);
    this.#checkEvents(rules, isDurable);
  }

  /** Where there was no room for more, the device says how many have gone. */
  get #toldLosses(): number {
    let told = 0;
    for (const { fragments } of this.#life.world.platform.core.events.values()) {
      const loss = fragments['fractus_DataLost'] as { count: number; of: string } | undefined;
      if (loss?.of === 'measurements') told += loss.count;
    }
    return told;
  }

  /** Flash that refused has left it in RAM, and another start followed. */
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
