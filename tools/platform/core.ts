/** The state of the emulated tenant and the services that all resources share. */

import { FaultBook } from './faults.ts';
import { Ledger } from './ledger.ts';
import type {
  AlarmRecord,
  DataRecord,
  EventRecord,
  Json,
  JsonObject,
  ManagedObject,
  Operation,
  PlatformOptions,
  Registration,
  Scheduler,
  TimerHandle,
  User,
} from './model.ts';
import { type Breach, type Rule, rules } from './rules.ts';
import type { Session } from './session.ts';
import { formatTime } from './time.ts';
import { TokenBook, type TrustedCertificate } from './token-book.ts';

/** What about the emulator itself can be set while it runs. */
export interface Settings {
  /** A held poll gets a space so often, ms. */
  heartbeatMs: number;
  /** Longest hold of a poll without `advice.timeout`, ms. */
  pollTimeoutMs: number;
  /** Whether a Bayeux session is bound to a cookie. */
  cookie: boolean;
  /** Whether the first connect after a handshake is answered at once. */
  firstConnectImmediate: boolean;
  /** Status of delivered credentials. */
  credentialsStatus: 200 | 201;
  /** Whether lists carry `next` on their last page too. */
  alwaysNext: boolean;
  /** Whether any update of a managed object is a sign of life, not only an empty one. */
  updatesAreSignsOfLife: boolean;
  /** External ids of a deleted object answer so much longer, ms. */
  deletionDelayMs: number;
  /** The `Date` header is wrong by so much, ms. */
  dateSkewMs: number;
}

/** One line of the request log. */
export interface LoggedRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly port: 'api' | 'token';
  /** Number of the connection, 0 when the caller has none. */
  readonly connection: number;
  /** Bytes on the wire as far as known, else of the body. */
  readonly sizeBytes: number;
  readonly bodyBytes: number;
  readonly time: string;
  /** Undefined while it is not answered, 0 when it was cut. */
  status: number | undefined;
}

/** An external id (guide step 3). */
export interface ExternalId {
  readonly type: string;
  readonly externalId: string;
  readonly objectId: string;
}

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
  readonly registrations = new Map<string, Registration>();
  /** Device id → number of the request that delivered its credentials. */
  readonly delivered = new Map<string, number>();
  readonly objects = new Map<string, ManagedObject>();
  readonly externalIds = new Map<string, ExternalId>();
  readonly operations = new Map<string, Operation>();
  readonly measurements = new Map<string, DataRecord>();
  readonly events = new Map<string, EventRecord>();
  readonly alarms = new Map<string, AlarmRecord>();
  readonly tenantOptions = new Map<string, { category: string; key: string; value: string }>();
  readonly certificates = new Map<string, TrustedCertificate>();
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
  /** Per device user: external ids that answered 404 and are not registered since. */
  readonly unknownIds = new Map<string, Set<string>>();

  readonly breaches: Breach[] = [];
  readonly requests: LoggedRequest[] = [];
  readonly settings: Settings = {
    heartbeatMs: 600_000,
    pollTimeoutMs: 5_400_000,
    cookie: false,
    firstConnectImmediate: false,
    credentialsStatus: 201,
    alwaysNext: false,
    updatesAreSignsOfLife: false,
    deletionDelayMs: 0,
    dateSkewMs: 0,
  };
  /** Connections as the server counts them. */
  readonly connections = { accepted: 0, open: 0 };
  /** Told of every breach and every answered request; for consoles and tests. */
  onBreach: ((breach: Breach) => void) | undefined;
  onRequest: ((request: LoggedRequest) => void) | undefined;
  /** Told before operations go out to a device in the answer to its poll. */
  onPush: (() => void) | undefined;
  /** Told of what is a defect of the emulator itself. */
  onDefect: ((error: unknown) => void) | undefined;

  #lastId = 10_000;
  #lastRequest = 0;

  constructor(options: PlatformOptions) {
    this.tenant = options.tenant ?? 't1000';
    this.acceptAll = options.accept ?? false;
    this.now = options.now;
    this.random = options.random;
    this.scheduler = options.scheduler;
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
    keep(this.breaches, breach, maxBreaches);
    this.onBreach?.(breach);
  }

  log(request: LoggedRequest): void {
    keep(this.requests, request, maxRequests);
  }

  /** Whether the device's user, or an operator, may change what hangs on this object. */
  owns(user: User, objectId: string): boolean {
    return user.kind === 'operator' || this.objects.get(objectId)?.owner === user.name;
  }

  /** The nearest agent that an operation for this device goes to: itself or an ancestor. */
  agentOf(deviceId: string): string | undefined {
    let generation = [deviceId];
    for (let depth = 0; depth < maxDepth && generation.length > 0; depth++) {
      const agent = generation.find(
        (id) => this.objects.get(id)?.fragments['com_cumulocity_model_Agent'] !== undefined,
      );
      if (agent !== undefined) return agent;
      generation = generation.flatMap((id) => this.parentsOf(id, 'childDevices'));
    }
    return undefined;
  }

  /** Ids of the objects that have this one among their children. */
  parentsOf(id: string, kind: 'childDevices' | 'childAssets' | 'childAdditions'): string[] {
    const parents: string[] = [];
    for (const object of this.objects.values()) if (object.children[kind].has(id)) parents.push(object.id);
    return parents;
  }

  /** Stores a record; the oldest goes when there are too many. */
  keepRecord<T extends { readonly id: string }>(records: Map<string, T>, record: T): T {
    records.set(record.id, record);
    if (records.size > maxRecords) {
      const oldest = records.keys().next();
      if (oldest.done !== true) records.delete(oldest.value);
    }
    return record;
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

function keep<T>(list: T[], item: T, max: number): void {
  list.push(item);
  // Cut in blocks, so that a full list does not cost a move per item.
  if (list.length > max * 1.1) list.splice(0, list.length - max);
}

const maxBreaches = 1000;
const maxRequests = 50_000;
const maxRecords = 200_000;
const maxDepth = 16;
