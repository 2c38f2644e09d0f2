// SPDX-License-Identifier: Apache-2.0
/** Days of a device with one broken resource: hourly actions of people, and whether they succeed. */

import { FakeNetwork } from '../../../hal/fake/network.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import type { Operation } from '../../platform/model.ts';
import { alarmsOf, createOperation, findDevice, setTenantOption, trustAuthority } from '../../platform/operator.ts';
import { CERTIFIED_ID } from '../machine/identity.ts';
import { isEnded } from '../machine/life.ts';
import { World } from '../machine/world.ts';
import { storyOf } from '../story.ts';
import { Breakage } from './breakage.ts';
import type { Cell, CellOptions, CellResult } from './cell.ts';
import { Estate, TROUBLE } from './estate.ts';
import { SLOW } from './faults.ts';
import {
  ALLOWED,
  ASK_MS,
  BREAKS_HOUR,
  DAY_HOURS,
  HOUR_LONG_MINUTES,
  LONGEST_MS,
  MINUTE_MS,
  MOST_AN_HOUR,
  MOST_IN_TWO_MINUTES,
  MOST_LATER_AN_HOUR,
  MOST_UNACCEPTED_AN_HOUR,
  PAUSE_MINUTES,
  POLLS_BETWEEN_MS,
  SHORT_POLLS_IN_TWO_MINUTES,
  SWALLOWED_MS,
} from './limits.ts';
import { CHILDREN, type Promised } from './routes.ts';
import { isAnew, turnMs } from './turns.ts';

/** Thrown at a storm of requests, which ends the life. */
const STORM = new Error('a storm of requests');
const CONFIG = { measurementInterval: '120', pollTimeout: '600' };

export class LastingLife {
  readonly #world: World;
  readonly #estate: Estate;
  readonly #breakage: Breakage;
  readonly #cell: Cell;
  readonly #options: CellOptions;
  readonly #troubles = new Map<string, string>();
  readonly #operations: Operation[] = [];
  #hasRestarted = false;
  /** A known child was removed, and must be registered again. */
  #hasLeft = false;
  /** Promises that are excused, because a broken resource stops them. */
  #excused: ReadonlySet<Promised> = new Set();

  constructor(cell: Cell, options: CellOptions) {
    const { route, fault, connections, hasChildren } = cell;
    const { seed, identity, keepExchanges = 0 } = options;
    this.#cell = cell;
    this.#options = options;
    this.#estate = new Estate(hasChildren ? CHILDREN.known : []);
    const isCertified = route.certificate === true;
    this.#world = new World({
      seed,
      app: this.#estate.app,
      keepExchanges,
      network: new FakeNetwork(new VirtualTime()),
      config: {
        ...CONFIG,
        connections: String(connections),
        deviceId: CERTIFIED_ID,
        ...(isCertified && { auth: 'certificate', certificate: 'certificate', privateKey: 'privateKey' }),
        ...(isCertified && { sendChain: 'no', bootstrapPassword: undefined }),
      },
      machine: { nor: { sectorBytes: 4096, sectors: 16 }, ...(isCertified && { resources: identity.resources }) },
    });
    const { platform } = this.#world;
    if (isCertified) {
      trustAuthority(platform, identity.authority);
      setTenantOption(platform, 'oauth.internal', 'device-token.lifespan.seconds', 3600);
    }
    this.#breakage = new Breakage({ world: this.#world, route, fault, idOf: (child) => this.#idOf(child) });
  }

  live(): CellResult {
    const world = this.#world;
    try {
      this.#live();
    } catch (error) {
      if (error !== STORM) this.#note('exception', error instanceof Error ? error.message : String(error));
    }
    const breach = world.breaches.find(({ rule }) => !ALLOWED.includes(rule));
    if (breach !== undefined) this.#note('breach', `${breach.rule}: ${breach.what} (${breach.request})`);
    for (const trouble of world.troubles) this.#note('trouble', trouble);
    const { times } = this.#breakage;
    if (times === 0) this.#note('unmet', 'what is broken was never asked for');
    return {
      troubles: this.#troubles,
      met: times,
      requests: world.requests,
      simulatedMs: world.time.nowMs,
      story: storyOf(world),
    };
  }

  #live(): void {
    const { route, fault } = this.#cell;
    const firstHour = route.fromTheStart === true ? 0 : BREAKS_HOUR;
    const endHour = firstHour + this.#options.hours;
    this.#world.start();
    for (let hour = 0; hour < endHour; hour++) {
      if (hour === firstHour) this.#break();
      this.#hour(hour);
    }
    this.#checkRates(firstHour, endHour);
    this.#breakage.isBroken = false;
    this.#excused = new Set();
    this.#minutes(fault === '503-hour' ? HOUR_LONG_MINUTES : PAUSE_MINUTES);
    this.#hour(endHour, 'healed: ');
    this.#checkEnd();
  }

  #break(): void {
    this.#breakage.isBroken = true;
    if (this.#cell.fault !== SLOW) this.#excused = new Set(this.#cell.route.stops);
  }

  /** The actions and checks of one hour. */
  #hour(hour: number, when = ''): void {
    const { hasChildren, route, fault, connections } = this.#cell;
    const told = `hour ${hour}`;
    const isNew = hour === BREAKS_HOUR && route.name === 'connect';
    const isRestarted = when === '' && hour % 12 === 6;
    // Each request then takes 50 s. The sequential requests of five devices do not fit into these 25 minutes when all
    // of them, or a returned one, must be registered first.
    const isLate = (isRestarted || hour % 12 === 4) && fault === SLOW && route.name === 'all';
    if (isRestarted) this.#restart(hour % 24 === 6, route.stopsRestarted);
    this.#minutes(2);
    if (hasChildren) this.#move(hour);
    this.#minutes(3);
    const ordered = this.#order();
    this.#minutes(10);
    this.#estate.tell(told);
    this.#minutes(5);
    this.#estate.raise();
    this.#minutes(5);
    for (const [promised, operation] of ordered) {
      if (isLate && promised === 'new-child') continue;
      this.#expect(promised, isEnded(operation), `${when}operation ${operation.id} is ${operation.status}`);
      if (fault !== 'silence') continue;
      const tookMs = turnMs(this.#operations, operation);
      const askMs = route.resource === 'notification' ? ASK_MS : 0;
      const pollMs = connections === 1 ? POLLS_BETWEEN_MS : isNew ? SWALLOWED_MS : 0;
      const mostMs = LONGEST_MS + askMs + pollMs;
      this.#expect(promised, tookMs <= mostMs, `${when}operation ${operation.id} took ${tookMs} ms`);
    }
    this.#minutes(20);
    this.#expect('alarms', this.#activeAlarms === 1, `${when}${this.#activeAlarms} alarms are active, not 1`);
    this.#minutes(5);
    this.#estate.clear();
    this.#minutes(10);
    this.#expect('alarms', this.#activeAlarms === 0, `${when}${this.#activeAlarms} alarms are active, not 0`);
    this.#look(told, when);
  }

  /** @param isCut cuts the power; otherwise the agent stops in order */
  #restart(isCut: boolean, stops: readonly Promised[] | undefined): void {
    if (this.#breakage.isBroken && stops !== undefined && this.#cell.fault !== SLOW) this.#excused = new Set(stops);
    this.#hasRestarted = true;
    this.#breakage.noteStart();
    if (!isCut) this.#world.stop();
    this.#world.device.reboot();
  }

  /** Adds and removes children. */
  #move(hour: number): void {
    const { first, second, known } = CHILDREN;
    if (hour === 2) {
      this.#estate.add(first);
      this.#estate.add(second);
    }
    if (hour % 12 === 3) {
      this.#estate.remove(known[1]);
      this.#hasLeft = true;
    }
    if (hour % 12 === 4 && !this.#estate.present.has(known[1])) this.#estate.add(known[1]);
  }

  #order(): [Promised, Operation][] {
    const ordered: [Promised, Operation][] = [];
    for (const device of this.#devices) {
      const id = this.#idOf(device);
      if (id === undefined) continue;
      const operation = createOperation(this.#world.platform, id, { x_Work: {} });
      this.#operations.push(operation);
      ordered.push([this.#promiseOf(device, 'operations'), operation]);
    }
    return ordered;
  }

  /** Checks the promises at the end of an hour. */
  #look(told: string, when: string): void {
    const { core } = this.#world.platform;
    const sinceMs = this.#world.time.epochMs - 15 * MINUTE_MS;
    const heard = new Set<string>();
    const sampled = new Set<string>();
    for (const { sourceId, fragments } of core.events.values()) if (fragments['text'] === told) heard.add(sourceId);
    for (const { sourceId, creationTimeMs } of core.measurements.values()) {
      if (creationTimeMs >= sinceMs) sampled.add(sourceId);
    }
    for (const device of this.#devices) {
      const id = this.#idOf(device) ?? 'none';
      const who = `${when}${device === '' ? 'the board' : device}`;
      this.#expect(this.#promiseOf(device, 'events'), heard.has(id), `${who}: no event ${told}`);
      this.#expect(this.#promiseOf(device, 'measurements'), sampled.has(id), `${who}: no measurement for 15 minutes`);
      if (this.#promiseOf(device, 'events') === 'new-child') {
        const isUnder = this.#world.object?.children.childDevices.has(id) === true;
        this.#expect('new-child', isUnder, `${who}: not under the board`);
      }
    }
  }

  /** The board (`''`) and its children, except the one with the broken resource. */
  get #devices(): string[] {
    const { route } = this.#cell;
    const isSick = this.#breakage.isBroken && route.name.startsWith('sick-');
    return ['', ...this.#estate.present].filter((device) => !isSick || device !== CHILDREN.first);
  }

  #checkRates(firstHour: number, endHour: number): void {
    const { route, fault } = this.#cell;
    const peak = this.#breakage.mostInTwoMinutes;
    const most = MOST_IN_TWO_MINUTES + (this.#cell.connections === 1 ? SHORT_POLLS_IN_TWO_MINUTES : 0);
    if (peak > most) this.#note('rate', `${peak} requests in two minutes`);
    if (fault === SLOW) return;
    const isUnaccepted = route.name === 'credentials' && fault === '404';
    for (let hour = firstHour + DAY_HOURS; hour < endHour; hour++) {
      const met = this.#breakage.metInHour(hour);
      const usual = fault === '503-hour' ? MOST_LATER_AN_HOUR : MOST_AN_HOUR;
      const most = isUnaccepted ? MOST_UNACCEPTED_AN_HOUR : usual + (route.anew ?? 0);
      if (met > most && !isAnew(hour)) this.#note('hourly', `${met} requests in hour ${hour} of what is broken`);
    }
  }

  #checkEnd(): void {
    const { platform, device } = this.#world;
    const open = this.#operations.filter((operation) => !isEnded(operation)).length;
    if (open > 0) this.#note('open', `${open} of ${this.#operations.length} operations have no end`);
    const twice = [...this.#estate.begun].find(([, times]) => times > 1);
    if (twice !== undefined) this.#note('twice', `operation ${twice[0]} was begun ${twice[1]} times`);
    const objects = [...platform.core.objects.values()].filter(({ owner }) => owner === device.user).length;
    const most = 1 + (this.#cell.hasChildren ? CHILDREN.known.length + 2 : 0);
    if (objects > most) this.#note('objects', `${objects} managed objects of ${most}`);
    if (!device.powered) this.#note('off', 'the board does not run');
  }

  get #activeAlarms(): number {
    const id = this.#idOf('');
    if (id === undefined) return 0;
    return alarmsOf(this.#world.platform, id).filter(
      ({ fragments }) => fragments['type'] === TROUBLE && fragments['status'] !== 'CLEARED',
    ).length;
  }

  #idOf(child: string): string | undefined {
    const { platform, device } = this.#world;
    return findDevice(platform, child === '' ? device.deviceId : `${device.deviceId}:${child}`)?.id;
  }

  #minutes(count: number): void {
    for (let minute = 0; minute < count; minute++) {
      this.#world.run(MINUTE_MS);
      if (!this.#breakage.isStormy) continue;
      this.#checkRates(0, 0);
      throw STORM;
    }
  }

  #promiseOf(device: string, what: 'operations' | 'measurements' | 'events'): Promised {
    if (device === '') return what;
    const { first, second, known } = CHILDREN;
    const isNew = device === first || device === second || (device === known[1] && this.#hasLeft);
    return isNew && !this.#excused.has(`child-${what}`) ? 'new-child' : `child-${what}`;
  }

  #expect(promised: Promised, holds: boolean, what: string): void {
    if (!holds && !this.#excused.has(promised)) this.#note(promised, what);
  }

  #note(name: string, what: string): void {
    if (this.#troubles.has(name)) return;
    const minute = Math.floor(this.#world.time.nowMs / MINUTE_MS);
    const since = this.#hasRestarted ? ', after a restart' : '';
    this.#troubles.set(name, `minute ${minute}${since}: ${what}`);
  }
}
