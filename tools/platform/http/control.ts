// SPDX-License-Identifier: Apache-2.0
/** The emulator's own API under `/emulator/`: what a real platform does not have. Open to whoever reaches the port. */

import { checkFault } from '../faults.ts';
import type { JsonObject, Reply } from '../model.ts';
import type { Platform } from '../platform.ts';
import { changeSettings } from '../settings.ts';
import { isObject, parseJson, utf8 } from './http.ts';

/** One request to it. */
export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
}

type Handler = (platform: Platform, request: ControlRequest, id: string) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  'GET /emulator/breaches': (platform) => ({ breaches: platform.breaches }),
  'DELETE /emulator/breaches': (platform) => {
    platform.core.breaches.length = 0;
  },
  'GET /emulator/requests': (platform) => ({ requests: platform.requests.map((line) => line.toJSON()) }),
  'DELETE /emulator/requests': (platform) => {
    platform.core.requests.clear();
  },
  'GET /emulator/faults': (platform) => ({ faults: platform.faults }),
  'POST /emulator/faults': (platform, request) => ({ id: platform.order(checkFault(document(request))) }),
  'DELETE /emulator/faults': (platform) => platform.cancel(),
  'DELETE /emulator/faults/{id}': (platform, _request, id) => platform.cancel(Number(id)),
  'GET /emulator/settings': (platform) => platform.settings,
  'PUT /emulator/settings': (platform, request) => {
    changeSettings(platform.settings, document(request));
    return platform.settings;
  },
  'GET /emulator/connections': (platform) => platform.core.connections,
  'POST /emulator/tokens/expire': (platform, request) => platform.expireTokens(user(request)),
  'POST /emulator/sessions/expire': (platform, request) => platform.expireSessions(user(request)),
  'POST /emulator/forgive': (platform, request) => {
    const name = user(request);
    if (name === undefined) throw new RangeError('user: device user expected');
    platform.forgive(name);
  },
};

/** Answers a request to the emulator's own API. */
export function control(platform: Platform, request: ControlRequest, reply: Reply): void {
  const [, id] = /^\/emulator\/faults\/(\d+)$/.exec(request.path) ?? [];
  const path = id === undefined ? request.path : '/emulator/faults/{id}';
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

function send(reply: Reply, status: number, result: unknown): void {
  const bytes = utf8(result === undefined ? '' : JSON.stringify(result));
  const type = result === undefined ? {} : { 'Content-Type': 'application/json' };
  reply.head(status, status === 204 ? {} : { ...type, 'Content-Length': String(bytes.length) });
  reply.end(bytes);
}
