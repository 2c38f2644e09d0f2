// SPDX-License-Identifier: Apache-2.0
/** Requests of the page: the platform's own API as an operator, and the emulator's API. */

import type { TableDescription, TrialDescription } from '../tools/platform/desk.ts';
import type { JsonObject } from '../tools/platform/model.ts';

interface Login {
  readonly tenant: string;
  readonly user: string;
  readonly password: string;
}

export interface LoggedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoggedRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly time: string;
  readonly status?: number;
  readonly request?: LoggedMessage;
  readonly response?: LoggedMessage;
}

let login: Promise<Login> | undefined;

/** Sends a request. Throws an Error with the emulator's message. */
async function ask<T>(
  method: string,
  path: string,
  body?: JsonObject,
  headers: Record<string, string> = {},
): Promise<T> {
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const answer = await fetch(path, {
    method,
    headers: { Accept: 'application/json', ...type, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const value = text === '' ? {} : JSON.parse(text);
  if (!answer.ok) throw new Error(value.message ?? value.error ?? `status ${answer.status}`);
  return value as T;
}

async function asOperator<T>(method: string, path: string, body?: JsonObject): Promise<T> {
  login ??= ask<Login>('GET', '/emulator/login');
  const { tenant, user, password } = await login;
  return ask<T>(method, path, body, { Authorization: `Basic ${btoa(`${tenant}/${user}:${password}`)}` });
}

export const api = {
  accept: (id: string) =>
    asOperator('PUT', `/devicecontrol/newDeviceRequests/${encodeURIComponent(id)}`, { status: 'ACCEPTED' }),
  register: (id: string) => asOperator('POST', '/devicecontrol/newDeviceRequests', { id }),
  operate: (deviceId: string, fragments: JsonObject) =>
    asOperator('POST', '/devicecontrol/operations', { deviceId, ...fragments }),
  setAlarm: (id: string, status: string) => asOperator('PUT', `/alarm/alarms/${id}`, { status }),
  request: (number: number) => ask<LoggedRequest>('GET', `/emulator/requests/${number}`),
  requests: () => ask<{ requests: LoggedRequest[] }>('GET', '/emulator/requests'),
  tables: () => ask<{ tables: TableDescription[] }>('GET', '/emulator/tables'),
  trials: () => ask<{ trials: TrialDescription[] }>('GET', '/emulator/trials'),
  begin: (name: string, board?: string) =>
    ask('POST', '/emulator/trials', board === undefined ? { name } : { name, board }),
  cancelTrial: (id: number) => ask('DELETE', `/emulator/trials/${id}`),
  act: (board: string, action: string, argument = '') => ask('POST', '/emulator/boards', { board, action, argument }),
  cancelFault: (id: number) => ask('DELETE', `/emulator/faults/${id}`),
  clearBreaches: () => ask('DELETE', '/emulator/breaches'),
};
