// SPDX-License-Identifier: Apache-2.0
/** An emulated platform in virtual time, called in-process: what the tests of the core stand on. */

import type { Json, JsonObject, PlatformRequest, Reply, Scheduler } from '../../../tools/platform/model.ts';
import { createDeviceUser } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import type { Rule } from '../../../tools/platform/rules.ts';

/** Virtual time: timers run when `advance` passes them. */
class VirtualTime implements Scheduler {
  nowMs = Date.UTC(2026, 0, 15, 12);
  readonly #timers = new Map<number, { atMs: number; callback: () => void }>();
  #lastTimer = 0;

  set(callback: () => void, ms: number): number {
    this.#lastTimer += 1;
    this.#timers.set(this.#lastTimer, { atMs: this.nowMs + ms, callback });
    return this.#lastTimer;
  }

  clear(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      let next: [number, { atMs: number; callback: () => void }] | undefined;
      for (const entry of this.#timers) if (next === undefined || entry[1].atMs < next[1].atMs) next = entry;
      if (next === undefined || next[1].atMs > endMs) break;
      this.#timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1].atMs);
      next[1].callback();
    }
    this.nowMs = endMs;
  }
}

/** What came back for a request, so far. */
export class Answer implements Reply {
  onClose: (() => void) | undefined;
  status: number | undefined;
  headers: Readonly<Record<string, string>> = {};
  pieces: Uint8Array[] = [];
  isEnded = false;
  isDropped = false;

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.status = status;
    this.headers = headers;
  }
  write(bytes: Uint8Array): void {
    this.pieces.push(bytes);
  }
  end(bytes?: Uint8Array): void {
    if (bytes !== undefined) this.pieces.push(bytes);
    this.isEnded = true;
  }
  drop(): void {
    this.isDropped = true;
  }
  /** The client goes away. */
  close(): void {
    this.onClose?.();
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString('utf8');
  }
  get json(): JsonObject {
    return JSON.parse(this.text) as JsonObject;
  }
  get list(): JsonObject[] {
    return JSON.parse(this.text) as JsonObject[];
  }
  get id(): string {
    return String(this.json['id']);
  }
}

/** How a request differs from what `send` makes by itself. */
export interface SendOptions {
  readonly as?: 'operator' | 'bootstrap' | 'none' | string;
  readonly body?: Json;
  readonly bytes?: Uint8Array;
  /** Headers to add; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly extra?: Partial<PlatformRequest>;
}

/** Vendor types by the beginning of the path. */
const types: readonly [RegExp, string][] = [
  [/^\/devicecontrol\/deviceCredentials/, 'devicecredentials'],
  [/^\/devicecontrol\/newDeviceRequests/, 'newdevicerequest'],
  [/^\/devicecontrol\/operations/, 'operation'],
  [/^\/identity/, 'externalid'],
  [/^\/inventory\/managedObjects\/\d+\/child/, 'managedobjectreference'],
  [/^\/inventory/, 'managedobject'],
  [/^\/measurement/, 'measurement'],
  [/^\/event/, 'event'],
  [/^\/alarm/, 'alarm'],
  [/^\/tenant\/options/, 'option'],
];

/** What a client of long polls begins with. */
export const handshakeMessage: JsonObject = {
  channel: '/meta/handshake',
  version: '1.0',
  supportedConnectionTypes: ['long-polling'],
};

export class Desk {
  readonly time = new VirtualTime();
  readonly platform: Platform;
  readonly defects: unknown[] = [];

  constructor(options: { readonly accept?: boolean } = {}) {
    let seed = 1;
    this.platform = new Platform({
      now: () => this.time.nowMs,
      // A linear congruential generator: the same run every time.
      random: () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      },
      scheduler: this.time,
      operator: { user: 'operator', password: 'operator-password' },
      bootstrap: { tenant: 'management', user: 'devicebootstrap', password: 'bootstrap-password' },
      ...options,
    });
    this.platform.core.onDefect = (error) => this.defects.push(error);
  }

  /** A device user; its name is what `as` takes. */
  user(deviceId: string): string {
    return createDeviceUser(this.platform, deviceId).username;
  }

  /** A request with the vendor types, Accept and credentials that belong to it. */
  send(method: string, path: string, options: SendOptions = {}): Answer {
    const answer = new Answer();
    const { body, as = 'operator' } = options;
    const bytes = options.bytes ?? Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const headers: Record<string, string> = { host: 'platform.test:8080', accept: 'application/json' };
    const type = types.find(([pattern]) => pattern.test(path))?.[1];
    if (bytes.length > 0) {
      headers['content-type'] =
        type === undefined ? 'application/json' : `application/vnd.com.nsn.cumulocity.${type}+json`;
      headers['content-length'] = String(bytes.length);
    }
    const login = this.#login(as);
    if (login !== undefined) headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value === undefined) delete headers[name];
      else headers[name] = value;
    }
    const request: PlatformRequest = {
      method,
      path,
      headers,
      body: bytes,
      port: 'api',
      origin: 'http://platform.test:8080',
      ...options.extra,
    };
    this.platform.handle(request, answer);
    return answer;
  }

  #login(as: string): string | undefined {
    if (as === 'none') return undefined;
    if (as === 'operator') return 't1000/operator:operator-password';
    if (as === 'bootstrap') return 'management/devicebootstrap:bootstrap-password';
    return `t1000/${as}:device-password`;
  }

  /** Rules broken so far, in order. */
  get broken(): Rule[] {
    return this.platform.breaches.map((breach) => breach.rule);
  }

  /** A device as its agent makes it: user, object, external id. */
  device(deviceId: string): { user: string; id: string } {
    const user = this.user(deviceId);
    this.send('GET', `/identity/externalIds/c8y_Serial/${deviceId}`, { as: user });
    const { id } = this.send('POST', '/inventory/managedObjects', { as: user, body: agentDocument(deviceId) });
    const body = { type: 'c8y_Serial', externalId: deviceId };
    this.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body });
    return { user, id };
  }

  /** A child of a device, linked. */
  child(parent: { user: string; id: string }, name: string): string {
    const { user } = parent;
    this.send('GET', `/identity/externalIds/c8y_Serial/${name}`, { as: user });
    const { id } = this.send('POST', '/inventory/managedObjects', {
      as: user,
      body: { name, type: 'c', c8y_IsDevice: {} },
    });
    this.send('POST', `/identity/globalIds/${id}/externalIds`, {
      as: user,
      body: { type: 'c8y_Serial', externalId: name },
    });
    this.send('POST', `/inventory/managedObjects/${parent.id}/childDevices`, {
      as: user,
      body: { managedObject: { id } },
    });
    return id;
  }

  operation(deviceId: string, fragments: JsonObject = { c8y_Restart: {} }): string {
    return this.send('POST', '/devicecontrol/operations', { body: { deviceId, ...fragments } }).id;
  }

  bayeux(user: string, messages: Json, options: SendOptions = {}): Answer {
    return this.send('POST', '/notification/operations', { as: user, body: messages, ...options });
  }

  /** Handshake, subscription and PENDING query; returns the clientId. */
  listen(device: { user: string; id: string }, handshake: JsonObject = {}): string {
    const { user, id } = device;
    const [reply] = this.bayeux(user, [{ ...handshakeMessage, ...handshake }]).list;
    const clientId = String(reply?.['clientId']);
    this.bayeux(user, [{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }]);
    this.send('GET', `/devicecontrol/operations?agentId=${id}&status=PENDING&pageSize=100`, { as: user });
    return clientId;
  }

  connect(user: string, clientId: string, more: JsonObject = {}, options: SendOptions = {}): Answer {
    return this.bayeux(
      user,
      [{ channel: '/meta/connect', clientId, connectionType: 'long-polling', ...more }],
      options,
    );
  }
}

/** The object of an agent that meets the certification requirements. */
export function agentDocument(deviceId: string): JsonObject {
  return {
    name: `ESP32 ${deviceId}`,
    type: 'c8y_ESP32',
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_Agent: { name: 'fractus', version: '0.1.0' },
    c8y_Hardware: { model: 'ESP32', revision: '1', serialNumber: deviceId },
    c8y_Firmware: { name: 'fractus', version: '0.1.0' },
  };
}
