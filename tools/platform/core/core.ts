// SPDX-License-Identifier: Apache-2.0
/** The state of the emulated tenant and the services that all resources share. */

import { FaultBook } from '../faults.ts';
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
import type { Session } from '../operations/session.ts';
import { formatTime } from '../records/time.ts';
import { RemoteAccessBook } from '../remote/sessions.ts';
import { type Breach, type Rule, rules } from '../rules.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import type { Desk } from '../stream/desk.ts';
import type { Content } from '../stream/messages.ts';
import { TokenBook, type TrustedCertificate } from '../tenant/token-book.ts';
import { Ledger } from './ledger.ts';
import { AlarmStore, RecordStore } from './record-store.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { Timers } from './timers.ts';
import { Watched } from './watched.ts';

/** An external id (guide step 3). */
export interface ExternalId {
  readonly type: string;
  readonly externalId: string;
  readonly objectId: string;
}

/** Is told of what happens on the tenant. */
export interface Onlooker {
  asked(entry: LoggedRequest, request: PlatformRequest): void;
  ended(entry: LoggedRequest, end: ExchangeEnd): void;
  say(content: Content): void;
}

/** How a request ends: with an answer, with none, or because the device does not wait any longer. */
export type ExchangeEnd = 'answered' | 'cut' | 'left';

/** The state. Resources read and write it; nothing here knows HTTP. */
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
  /** The tenant's own, by the tenant; it has one at most. */
  readonly authorities = new Map<string, TenantAuthority>();
  /** Device id → what lets it have a certificate of that one. */
  readonly enrolments = new Map<string, Enrolment>();
  readonly sessions = new Map<string, Session>();
  /** Device user → number of the request that subscribed last. */
  readonly lastSubscriptions = new Map<string, number>();
  /** Device users whose session ended before PENDING was queried for its subscription. */
  readonly unqueried = new Set<string>();
  /** Ids of sessions that ended for want of a connect → number of their last connect request. */
  readonly expiredSessions = new Map<string, number>();
  /** Ids of objects whose unavailability alarm is active. */
  readonly unavailable = new Set<string>();
  /** Object id → timer of its availability. */
  readonly watches = new Map<string, TimerHandle>();
  readonly tokens: TokenBook;
  readonly faults = new FaultBook();
  readonly ledger = new Ledger();
  readonly remoteAccess = new RemoteAccessBook();
  /** Per device user: external ids that answered 404 and are not registered since, with the request that was first. */
  readonly unknownIds = new Map<string, Map<string, number>>();

  readonly breaches: Breach[] = [];
  readonly requests = new RequestLog();
  readonly settings: Settings = defaultSettings();
  /** Connections as the server counts them. */
  readonly connections = { accepted: 0, open: 0 };
  /** Told of every breach and every answered request; for consoles and tests. */
  onBreach: ((breach: Breach) => void) | undefined;
  onRequest: ((request: LoggedRequest) => void) | undefined;
  /** Watches, when somebody wants to see what happens. */
  witness: Onlooker | undefined;
  /** The virtual boards beside it. */
  desk: Desk | undefined;
  /** Told before operations go out to a device in the answer to its poll. */
  onPush: (() => void) | undefined;
  /** Told of each certificate (DER) that gives a token. */
  onToken: ((leaf: Uint8Array) => void) | undefined;
  /** Told of what is a defect of the emulator itself. */
  onDefect: (error: unknown) => void = (error) => console.error('defect of the emulator:', error);
  /** Told once per device and kind when the oldest records go to make room. */
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

  /** Numeric text, increasing. */
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

  /** The last id and the last request, for whoever puts a tenant back to what it was. */
  get counters(): { readonly id: number; readonly request: number } {
    return { id: this.#lastId, request: this.#lastRequest };
  }

  set counters({ id, request }: { readonly id: number; readonly request: number }) {
    this.#lastId = id;
    this.#lastRequest = request;
  }

  /** Lower-case letters and digits out of the injected chance. */
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

  /** Runs something of the emulator's own; what it throws is a defect, is told, and ends nothing else. */
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

  /** Whether the device's user, or an operator, may change what hangs on this object. */
  owns(user: User, objectId: string): boolean {
    return user.kind === 'operator' || this.objects.get(objectId)?.owner === user.name;
  }

  /** The nearest agent that an operation for this device, or service of one, goes to: itself or an ancestor. */
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
  // Unlike an assignment this takes any name, `__proto__` too.
  return Object.fromEntries(entries) as T;
}

/** What is kept of one device; then its oldest go, but no operation that has not ended and no alarm that is not cleared. */
const maxPerDevice = { measurements: 100_000, events: 10_000, alarms: 10_000, operations: 10_000 } as const;
/** What is kept of all devices: a day of a thousand of them does not fill the memory. */
const maxTotal = { measurements: 400_000, events: 100_000, alarms: 100_000, operations: 100_000 } as const;
const maxBreaches = 1000;
const maxDepth = 16;
