// SPDX-License-Identifier: Apache-2.0
/** The state of the emulated tenant and the services that all resources share. */

import type { Desk } from '../desk.ts';
import { FaultBook } from '../faults.ts';
import type { Content } from '../messages.ts';
import type {
  DataRecord,
  Enrolment,
  EventRecord,
  Json,
  JsonObject,
  ManagedObject,
  Operation,
  PlatformOptions,
  PlatformRequest,
  Registration,
  Scheduler,
  TenantAuthority,
  TimerHandle,
  User,
} from '../model.ts';
import { type Breach, type Rule, rules } from '../rules.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { formatTime } from '../time.ts';
import { Ledger } from './ledger.ts';
import { AlarmStore, RecordStore } from './record-store.ts';
import { RemoteAccessBook } from './remote-session.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import type { Session } from './session.ts';
import { Timers } from './timers.ts';
import { TokenBook, type TrustedCertificate } from './token-book.ts';
import { Watched } from './watched.ts';

/** An external id (guide step 3). */
export interface ExternalId {
  readonly type: string;
  readonly externalId: string;
  readonly objectId: string;
}

/** Receives everything that happens on the tenant. */
export interface Onlooker {
  asked(entry: LoggedRequest, request: PlatformRequest): void;
  ended(entry: LoggedRequest, end: ExchangeEnd): void;
  say(content: Content): void;
}

/** The end of a request: answered, cut without an answer, or left by the device. */
export type ExchangeEnd = 'answered' | 'cut' | 'left';

/** The state of the tenant. Resources read and write it; it knows nothing of HTTP. */
export class Core {
  readonly tenant: string;
  readonly acceptAll: boolean;
  readonly now: () => number;
  readonly random: () => number;
  readonly scheduler: Scheduler;
  readonly operator: User;
  readonly bootstrap: User;

  readonly users = new Map<string, User>();
  readonly registrations = new Watched<Registration>();
  /** Device id → number of the request that delivered its credentials. */
  readonly delivered = new Map<string, number>();
  readonly objects = new Watched<ManagedObject>();
  readonly externalIds = new Map<string, ExternalId>();
  readonly operations = new RecordStore<Operation>({
    deviceOf: ({ deviceId }) => deviceId,
    maxPerDevice: maxPerDevice.operations,
    maxTotal: maxTotal.operations,
    mayGo: ({ status }) => status === 'SUCCESSFUL' || status === 'FAILED',
    onFull: (deviceId, most) => this.#tellFull('operations', deviceId, most),
  });
  readonly measurements = new RecordStore<DataRecord>({
    deviceOf: ({ sourceId }) => sourceId,
    maxPerDevice: maxPerDevice.measurements,
    maxTotal: maxTotal.measurements,
    onFull: (deviceId, most) => this.#tellFull('measurements', deviceId, most),
  });
  readonly events = new RecordStore<EventRecord>({
    deviceOf: ({ sourceId }) => sourceId,
    maxPerDevice: maxPerDevice.events,
    maxTotal: maxTotal.events,
    onFull: (deviceId, most) => this.#tellFull('events', deviceId, most),
  });
  readonly alarms = new AlarmStore({
    maxPerDevice: maxPerDevice.alarms,
    maxTotal: maxTotal.alarms,
    onFull: (deviceId, most) => this.#tellFull('alarms', deviceId, most),
  });
  readonly tenantOptions = new Map<string, { category: string; key: string; value: string }>();
  readonly certificates = new Map<string, TrustedCertificate>();
  /** The tenant's own CA, by tenant; at most one. */
  readonly authorities = new Map<string, TenantAuthority>();
  /** Device id → its permission to get a certificate of that CA. */
  readonly enrolments = new Map<string, Enrolment>();
  readonly sessions = new Map<string, Session>();
  /** Device user → number of the request that subscribed last. */
  readonly lastSubscriptions = new Map<string, number>();
  /** Device users whose session ended before PENDING was queried for its subscription. */
  readonly unqueried = new Set<string>();
  /** Ids of sessions that ended because no connect came → number of their last connect request. */
  readonly expiredSessions = new Map<string, number>();
  /** Ids of objects whose unavailability alarm is active. */
  readonly unavailable = new Set<string>();
  /** Object id → timer of its availability. */
  readonly watches = new Map<string, TimerHandle>();
  readonly tokens: TokenBook;
  readonly faults = new FaultBook();
  readonly ledger = new Ledger();
  readonly remoteAccess = new RemoteAccessBook();
  /**
   * Per device user: external ids that answered 404 and are still not registered, with the number of the first request.
   */
  readonly unknownIds = new Map<string, Map<string, number>>();

  readonly breaches: Breach[] = [];
  readonly requests = new RequestLog();
  readonly settings: Settings = defaultSettings();
  /** Connections, counted by the server. */
  readonly connections = { accepted: 0, open: 0 };
  /** Called with every breach and every answered request; for consoles and tests. */
  onBreach: ((breach: Breach) => void) | undefined;
  onRequest: ((request: LoggedRequest) => void) | undefined;
  /** Receives all events while a page watches. */
  witness: Onlooker | undefined;
  /** The virtual boards next to the tenant. */
  desk: Desk | undefined;
  /** Called before the answer to a device's poll carries operations. */
  onPush: (() => void) | undefined;
  /** Called with each certificate (DER) that gets a token. */
  onToken: ((leaf: Uint8Array) => void) | undefined;
  /** Called with defects of the emulator itself. */
  onDefect: (error: unknown) => void = (error) => console.error('defect of the emulator:', error);
  /** Called once per device and kind when the oldest records are dropped to make room. */
  onFull: ((what: string) => void) | undefined;

  #lastId = 10_000;
  #lastRequest = 0;

  constructor(options: PlatformOptions) {
    this.tenant = options.tenant ?? 't1000';
    this.acceptAll = options.accept ?? false;
    this.now = options.now;
    this.random = options.random;
    this.scheduler = new Timers(options.scheduler, (run) => void this.guard(run));
    this.tokens = new TokenBook(this);
    const operator = options.operator ?? { user: 'operator', password: this.secret(16) };
    const bootstrap = options.bootstrap ?? { tenant: 'management', user: 'devicebootstrap', password: this.secret(16) };
    this.operator = this.addUser({
      tenant: this.tenant,
      name: operator.user,
      kind: 'operator',
      password: operator.password,
      enabled: true,
    });
    this.bootstrap = this.addUser({
      tenant: bootstrap.tenant,
      name: bootstrap.user,
      kind: 'bootstrap',
      password: bootstrap.password,
      enabled: true,
    });
  }

  addUser(user: User): User {
    this.users.set(`${user.tenant}/${user.name}`, user);
    return user;
  }

  findUser(tenant: string, name: string): User | undefined {
    return this.users.get(`${tenant}/${name}`);
  }

  /** The next id: numeric text, increasing. */
  nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  nextRequest(): number {
    this.#lastRequest += 1;
    return this.#lastRequest;
  }

  get lastRequest(): number {
    return this.#lastRequest;
  }

  /** The last id and request number, for restoring an earlier state of the tenant. */
  get counters(): { readonly id: number; readonly request: number } {
    return { id: this.#lastId, request: this.#lastRequest };
  }

  set counters({ id, request }: { readonly id: number; readonly request: number }) {
    this.#lastId = id;
    this.#lastRequest = request;
  }

  /** Random lower-case letters and digits, from the injected random source. */
  secret(length: number): string {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet[Math.floor(this.random() * alphabet.length)];
    return text;
  }

  option(category: string, key: string): string | undefined {
    return this.tenantOptions.get(optionKey(category, key))?.value;
  }

  breach(rule: Rule, what: string, user: string, request: string): void {
    const breach: Breach = { rule, what, clause: rules[rule], user, request, time: formatTime(this.now()) };
    this.breaches.push(breach);
    if (this.breaches.length > maxBreaches) this.breaches.shift();
    this.witness?.say({ kind: 'breach', breach });
    this.onBreach?.(breach);
  }

  /**
   * Runs code of the emulator. An error is reported as a defect, and ends nothing else. Returns false after an error.
   */
  guard(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.onDefect(error);
      return false;
    }
  }

  #tellFull(kind: keyof typeof maxPerDevice, deviceId: string, most: number): void {
    const what = `${kind} of ${deviceId}: more than ${most}, the oldest go`;
    this.witness?.say({ kind: 'full', what });
    this.onFull?.(what);
  }

  /** Whether this user owns the object, or is an operator. */
  owns(user: User, objectId: string): boolean {
    return user.kind === 'operator' || this.objects.get(objectId)?.owner === user.name;
  }

  /** The nearest agent that receives operations of this device or service: itself or an ancestor. */
  agentOf(deviceId: string): string | undefined {
    let generation = [deviceId];
    for (let depth = 0; depth < maxDepth && generation.length > 0; depth++) {
      const agent = generation.find(
        (id) => this.objects.get(id)?.fragments['com_cumulocity_model_Agent'] !== undefined,
      );
      if (agent !== undefined) return agent;
      generation = generation.flatMap((id) => {
        const isService = this.objects.get(id)?.fragments['type'] === 'c8y_Service';
        return this.parentsOf(id, isService ? 'childAdditions' : 'childDevices');
      });
    }
    return undefined;
  }

  /** Ids of the objects that have this one among their children. */
  parentsOf(id: string, kind: 'childDevices' | 'childAssets' | 'childAdditions'): string[] {
    const parents: string[] = [];
    for (const object of this.objects.values()) if (object.children[kind].has(id)) parents.push(object.id);
    return parents;
  }
}

/** Key of an external id. */
export function externalKey(type: string, externalId: string): string {
  return JSON.stringify([type, externalId]);
}

/** Key of a tenant option. */
export function optionKey(category: string, key: string): string {
  return JSON.stringify([category, key]);
}

/** A deep copy of a JSON value. */
export function copyJson<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copyJson(item)) as Json as T;
  const entries = Object.entries(value as JsonObject).map(([name, item]): [string, Json] => [name, copyJson(item)]);
  // Unlike an assignment, this accepts any name, also `__proto__`.
  return Object.fromEntries(entries) as T;
}

/**
 * Most records kept per device. Then the oldest are dropped, except operations that have not ended and alarms that are
 * not cleared.
 */
const maxPerDevice = { measurements: 100_000, events: 10_000, alarms: 10_000, operations: 10_000 } as const;
/** Most records kept of all devices, so that a day of a thousand devices does not fill the memory. */
const maxTotal = { measurements: 400_000, events: 100_000, alarms: 100_000, operations: 100_000 } as const;
const maxBreaches = 1000;
const maxDepth = 16;
