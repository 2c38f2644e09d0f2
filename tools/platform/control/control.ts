// SPDX-License-Identifier: Apache-2.0
/** The emulator's own API under `/emulator/`, which a real platform lacks. Open to all programs that reach the port. */

import type { Core } from '../core/core.ts';
import type { LoggedRequest } from '../core/request-log.ts';
import type { Desk } from '../desk.ts';
import { checkFault, type Fault, type OrderedFault } from '../faults.ts';
import { isOurHost } from '../http/hosts.ts';
import { isObject, parseJson, utf8 } from '../http/http.ts';
import type { JsonObject, PlatformRequest, Reply } from '../model.ts';
import type { Breach } from '../rules.ts';
import { changeSettings, type Settings } from '../settings.ts';
import { feed } from '../stream/feed.ts';
import type { Witness } from '../stream/witness.ts';
import { accountOf } from './account.ts';

/** A request to this API. */
export interface ControlRequest extends Pick<PlatformRequest, 'method' | 'path' | 'headers' | 'body' | 'origin'> {
  readonly query: URLSearchParams;
}

/** The members of the emulator that this API uses. */
export interface Controlled {
  readonly core: Core;
  readonly breaches: readonly Breach[];
  readonly requests: readonly LoggedRequest[];
  readonly settings: Settings;
  readonly faults: OrderedFault[];
  watch(): Witness;
  order(fault: Fault): number;
  cancel(id?: number): void;
  expireTokens(user?: string): void;
  expireSessions(user?: string): void;
  forgive(user: string): void;
}

type Handler = (platform: Controlled, request: ControlRequest, id: string) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  'GET /emulator/breaches': (platform) => ({ breaches: platform.breaches }),
  'DELETE /emulator/breaches': (platform) => {
    platform.core.breaches.length = 0;
  },
  'GET /emulator/requests': (platform) => ({ requests: platform.requests.map((line) => line.toJSON()) }),
  'GET /emulator/requests/{id}': (platform, _request, id) => {
    const line = platform.requests.find(({ number }) => number === Number(id));
    if (line === undefined) throw new RangeError(`request ${id} is not stored any more`);
    return line.toJSON();
  },
  'DELETE /emulator/requests': (platform) => {
    platform.core.requests.clear();
  },
  'GET /emulator/faults': (platform) => ({ faults: platform.faults }),
  'POST /emulator/faults': (platform, request) => ({ id: platform.order(checkFault(document(request))) }),
  'DELETE /emulator/faults': (platform) => platform.cancel(),
  'DELETE /emulator/faults/{id}': (platform, _request, id) => platform.cancel(Number(id)),
  'GET /emulator/login': ({ core }) => ({
    tenant: core.tenant,
    user: core.operator.name,
    password: core.operator.password,
  }),
  'GET /emulator/trials': (platform) => ({ trials: platform.core.desk?.trials ?? [] }),
  'POST /emulator/trials': (platform, request) => {
    const { name, board } = document(request);
    return { id: deskOf(platform).begin(String(name), typeof board === 'string' ? board : undefined) };
  },
  'DELETE /emulator/trials/{id}': (platform, _request, id) => deskOf(platform).cancel(Number(id)),
  'GET /emulator/tables': (platform) => ({ tables: platform.core.desk?.tables ?? [] }),
  'POST /emulator/boards': (platform, request) => {
    const { board, action, argument = '' } = document(request);
    deskOf(platform).act(String(board), String(action), String(argument));
  },
  'GET /emulator/settings': (platform) => platform.settings,
  'PUT /emulator/settings': (platform, request) => {
    changeSettings(platform.settings, document(request));
    return platform.settings;
  },
  'GET /emulator/connections': (platform) => platform.core.connections,
  'GET /emulator/account': (platform) => accountOf(platform.core),
  'POST /emulator/tokens/expire': (platform, request) => platform.expireTokens(user(request)),
  'POST /emulator/sessions/expire': (platform, request) => platform.expireSessions(user(request)),
  'POST /emulator/forgive': (platform, request) => {
    const name = user(request);
    if (name === undefined) throw new RangeError('user: device user expected');
    platform.forgive(name);
  },
};

/** Answers a request to the emulator's own API. */
export function control(platform: Controlled, request: ControlRequest, reply: Reply): void {
  const refusal = refusalOf(request, platform.settings.hosts);
  if (refusal !== undefined) {
    send(reply, 403, { error: refusal });
    return;
  }
  if (request.path === '/emulator/stream' && request.method === 'GET') {
    feed(platform.watch(), request.headers['last-event-id'] ?? request.query.get('after') ?? undefined, reply);
    return;
  }
  const [, kind, id] = /^\/emulator\/(faults|requests|trials)\/(\d+)$/.exec(request.path) ?? [];
  const path = id === undefined ? request.path : `/emulator/${kind}/{id}`;
  const handler = handlers[`${request.method} ${path}`];
  if (handler === undefined) {
    send(reply, 404, { error: `one of ${Object.keys(handlers).join(', ')} expected` });
    return;
  }
  try {
    const result = handler(platform, request, id ?? '');
    if (result === undefined) send(reply, 204, undefined);
    else send(reply, request.method === 'POST' ? 201 : 200, result);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    send(reply, 422, { error: error.message });
  }
}

/**
 * The reason to refuse a request; undefined: it is allowed. Programs may do everything. A page in a browser may not,
 * unless it is the desk: other names for this address (DNS rebinding) are refused, and so are requests marked as from
 * another site.
 */
export function refusalOf(
  { headers, origin }: Pick<ControlRequest, 'headers' | 'origin'>,
  hosts: readonly string[],
): string | undefined {
  const { host, origin: from, 'sec-fetch-site': site } = headers;
  if (host !== undefined && !isOurHost(host, origin, hosts)) return `Host: ${host} is not this server`;
  if (from !== undefined && !isOurHost(from.replace(/^https?:\/\//i, ''), origin, hosts))
    return `Origin: ${from} is another site`;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'a page of another site asks';
  return undefined;
}

function deskOf(platform: Controlled): Desk {
  if (platform.core.desk === undefined) throw new RangeError('there is no virtual board beside this emulator');
  return platform.core.desk;
}

function user(request: ControlRequest): string | undefined {
  const name = document(request)['user'];
  return typeof name === 'string' ? name : undefined;
}

function document(request: ControlRequest): JsonObject {
  if (request.body.length === 0) return {};
  const value = parseJson(request.body);
  if (!isObject(value)) throw new RangeError('body: JSON object expected');
  return value;
}

export function send(reply: Reply, status: number, result: unknown): void {
  const bytes = utf8(result === undefined ? '' : JSON.stringify(result));
  const type = result === undefined ? {} : { 'Content-Type': 'application/json' };
  reply.head(status, status === 204 ? {} : { ...type, 'Content-Length': String(bytes.length) });
  reply.end(bytes);
}
