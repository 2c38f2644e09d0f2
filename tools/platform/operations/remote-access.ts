// SPDX-License-Identifier: Apache-2.0
/** Remote access: the paths under `/service/remoteaccess`, for operators and for devices. */

import { createHash } from 'node:crypto';
import type { Call } from '../calls/call.ts';
import { objectOf, requireFields } from '../calls/documents.ts';
import { operators, type Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import type { RemoteConfiguration, RemoteSession } from '../core/remote-session.ts';
import { type Answer, notFound, PlatformError } from '../http/http.ts';
import { merge } from '../inventory/inventory.ts';
import type { JsonObject, Operation, Socket, SocketListener } from '../model.ts';
import { addOperation } from './operations.ts';

const FRAGMENT = 'c8y_RemoteAccessConnect';
/** Longest wait of an operator for the device. */
const WAIT_MS = 180_000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const configurations = '/service/remoteaccess/devices/{id}/configurations';

export const remoteAccessRoutes: readonly Route[] = [
  { method: 'GET', path: configurations, users: operators, handle: list },
  { method: 'POST', path: configurations, users: operators, consumes: ['application/json'], handle: create },
  { method: 'DELETE', path: `${configurations}/{id}`, users: operators, handle: remove },
  {
    method: 'GET',
    path: '/service/remoteaccess/client/{id}/configurations/{id}',
    users: operators,
    handle: callDevice,
  },
  { method: 'GET', path: '/service/remoteaccess/device/{key}', users: ['device'], handle: connectDevice },
];

/** Opens a session to a host behind a device, which gets an operation for it; `socket` is the operator's end. */
export function openSession(
  core: Core,
  deviceId: string,
  target: { readonly hostname: string; readonly port: number },
  socket: Socket,
): { readonly session: RemoteSession; readonly operation: Operation; readonly listener: SocketListener } {
  const timer = core.scheduler.set(() => {
    if (!session.isUp) session.end('the device did not connect in time');
  }, WAIT_MS);
  const session = core.remoteAccess.open(core.secret(32), deviceId, () => core.scheduler.clear(timer));
  const listener = session.attachOperator(socket);
  const { hostname, port } = target;
  const operation = addOperation(core, deviceId, {
    description: `Remote access to ${hostname}:${port}`,
    [FRAGMENT]: { hostname, port, connectionKey: session.key },
  });
  session.operationId = operation.id;
  return { session, operation, listener };
}

function list(call: Call): Answer {
  const deviceId = objectOf(call, call.param(0)).id;
  const all = [...call.core.remoteAccess.configurations.values()].filter((each) => each.deviceId === deviceId);
  return { status: 200, media: 'application/json', body: all.map(render) };
}

function create(call: Call): Answer {
  const deviceId = objectOf(call, call.param(0)).id;
  const document = call.document();
  requireFields(call, document, ['name', 'hostname', 'protocol']);
  const { name, hostname, port, protocol } = document;
  if (typeof hostname !== 'string' || typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new PlatformError(422, 'remoteaccess/Unprocessable Entity', 'hostname or port is invalid');
  const host = { deviceId, name: String(name), hostname, port, protocol: String(protocol) };
  return { status: 201, media: 'application/json', body: render(saveHost(call.core, host)) };
}

/** Saves a host behind a device, for sessions. */
export function saveHost(core: Core, host: Omit<RemoteConfiguration, 'id'>): RemoteConfiguration {
  const made = { id: core.nextId(), ...host };
  core.remoteAccess.configurations.set(made.id, made);
  showHosts(core, host.deviceId);
  return made;
}

function remove(call: Call): Answer {
  const { id, deviceId } = find(call);
  call.core.remoteAccess.configurations.delete(id);
  showHosts(call.core, deviceId);
  return { status: 204 };
}

/** The platform itself shows the saved hosts in the inventory. */
function showHosts(core: Core, deviceId: string): void {
  const hosts = [...core.remoteAccess.configurations.values()].filter((each) => each.deviceId === deviceId);
  const object = core.objects.get(deviceId);
  if (object !== undefined) merge(object.fragments, { c8y_RemoteAccessList: hosts.map(render) });
  core.objects.touch(deviceId);
}

function find(call: Call): RemoteConfiguration {
  const configuration = call.core.remoteAccess.configurations.get(call.param(1));
  if (configuration !== undefined && configuration.deviceId === call.param(0)) return configuration;
  throw notFound('remoteaccess', `No configuration ${call.param(1)}`);
}

function render({ deviceId: _deviceId, ...configuration }: RemoteConfiguration): JsonObject {
  return { ...configuration };
}

/** Accepts the operator's end of a session. */
function callDevice(call: Call): undefined {
  const configuration = find(call);
  const { core } = call;
  upgrade(call, (socket) => openSession(core, configuration.deviceId, configuration, socket).listener);
}

/** Accepts the device's end of a session: its key is valid once, while the operation with the key is EXECUTING. */
function connectDevice(call: Call): undefined {
  const { core } = call;
  const session = core.remoteAccess.find(call.param(0));
  const isOwn = session !== undefined && core.owns(call.user, session.deviceId);
  if (!isOwn) call.breach('remote-access-key', session === undefined ? 'a key of nobody' : 'the key of another device');
  else if (session.request > 0 && !call.wasLost(session.request))
    call.breach('remote-access-key', 'a key that was used');
  const operation = isOwn ? core.operations.get(session.operationId) : undefined;
  const path = `/devicecontrol/operations/${operation?.id}`;
  if (operation?.status === 'PENDING' && !core.ledger.isHindered(path))
    call.breach('remote-access-key', `operation ${operation.id} is still PENDING`);
  if (!isOwn || session.isOver || session.isUp) throw notFound('remoteaccess', 'No session for this key');
  upgrade(call, (socket) => {
    session.request = call.number;
    return session.attachDevice(socket);
  });
}

/** Answers an upgrade (RFC 6455 §4.2.2). Throws the platform's 400, and 426 where an upgrade is not possible. */
function upgrade(call: Call, accept: (socket: Socket) => SocketListener): void {
  const { headers, upgrade: carrier } = call.request;
  const key = headers['sec-websocket-key'] ?? '';
  const isAsked =
    headers['upgrade']?.toLowerCase() === 'websocket' && /(^|,)\s*upgrade\s*(,|$)/i.test(headers['connection'] ?? '');
  const isSound = headers['sec-websocket-version'] === '13' && /^[A-Za-z0-9+/]{22}==$/.test(key);
  if (!isAsked || !isSound) {
    call.breach('websocket', isAsked ? 'version or key of the upgrade' : 'no upgrade');
    throw new PlatformError(400, 'remoteaccess/Bad Request', 'A WebSocket is expected');
  }
  if (carrier === undefined) throw new PlatformError(426, 'remoteaccess/Upgrade Required', 'No WebSocket here');
  carrier(accept);
  call.begin(101, {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(`${key}${GUID}`).digest('base64'),
    // Regardless of the requested protocol.
    'Sec-WebSocket-Protocol': 'binary',
  });
  call.reply.end();
}
