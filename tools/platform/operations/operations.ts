// SPDX-License-Identifier: Apache-2.0
/** Operations (guide steps 6 and 7). */

import type { Call } from '../calls/call.ts';
import { checkNames, objectOf, requireFields, requireTexts } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import { timeParameter } from '../calls/query-time.ts';
import { operators, type Route } from '../calls/router.ts';
import { type Core, copyJson } from '../core/core.ts';
import { type Answer, forbidden, invalid, missingFields, notFound, PlatformError } from '../http/http.ts';
import { merge } from '../inventory/inventory.ts';
import type { JsonObject, Operation, OperationStatus } from '../model.ts';
import { checkTold } from './inventory-told.ts';
import { pushOperation } from './notifications.ts';
import {
  checkLogFile,
  checkPendingQuery,
  checkRemoteAccess,
  checkRepeated,
  checkTransition,
} from './operation-rules.ts';
import { noteDelivery, renderOperation } from './operation-view.ts';

const media = 'operation';

export const operationRoutes: readonly Route[] = [
  { method: 'GET', path: '/devicecontrol/operations', handle: list },
  { method: 'POST', path: '/devicecontrol/operations', users: operators, consumes: [media], handle: create },
  { method: 'DELETE', path: '/devicecontrol/operations', users: operators, handle: removeAll },
  { method: 'GET', path: '/devicecontrol/operations/{id}', handle: read },
  { method: 'PUT', path: '/devicecontrol/operations/{id}', consumes: [media], handle: update },
];

const statuses: readonly string[] = ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'FAILED'];
const maintained = [
  'id',
  'self',
  'deviceId',
  'status',
  'creationTime',
  'failureReason',
  'deviceExternalIDs',
  'deviceName',
];

/** Creates an operation and pushes it to all subscribers. */
export function addOperation(core: Core, deviceId: string, fragments: JsonObject): Operation {
  const timeMs = core.now();
  const operation: Operation = core.operations.keep({
    id: core.nextId(),
    deviceId,
    creationTimeMs: timeMs,
    status: 'PENDING',
    fragments: copyJson(fragments),
    failureReason: undefined,
    statusRequest: 0,
    deliveries: [],
    history: [{ status: 'PENDING', timeMs }],
  });
  pushOperation(core, operation);
  return operation;
}

function create(call: Call): Answer {
  const document = call.document();
  const { deviceId: given } = document;
  // Clients of people may send the id as a number.
  if (typeof given === 'number') document['deviceId'] = String(given);
  requireFields(call, document, ['deviceId']);
  const { deviceId, status: _status, ...fragments } = document;
  const id = String(deviceId);
  const device = call.core.objects.get(id);
  if (device === undefined) {
    throw new PlatformError(422, 'devicecontrol/Unprocessable Entity', `Device ${id} does not exist in inventory.`);
  }
  if (call.core.agentOf(id) === undefined) throw invalid(`Device ${id} has no agent`);
  const operation = addOperation(call.core, id, fragments);
  const body = renderOperation(call.core, operation, call.base);
  return { status: 201, media, body, headers: { Location: String(body['self']) } };
}

/** Oldest first; `revert=true` newest first. */
function list(call: Call): Answer {
  checkPendingQuery(call);
  const withExternalIds = call.query.get('agentId') !== null;
  return pageOf(call, {
    items: select(call),
    name: 'operations',
    media: 'operationcollection',
    render: (operation) => {
      if (call.isDevice) noteDelivery(operation, call.number);
      return {
        ...renderOperation(call.core, operation, call.base),
        ...nameOf(call, operation),
        ...(withExternalIds ? { deviceExternalIDs: externalIds(call, operation) } : {}),
      };
    },
  });
}

function select(call: Call): Operation[] {
  const { core, query } = call;
  const agentId = query.get('agentId');
  const deviceId = query.get('deviceId');
  const fragmentType = query.get('fragmentType');
  const wanted = query.get('status');
  const from = timeParameter(call, 'dateFrom') ?? Number.NEGATIVE_INFINITY;
  const to = timeParameter(call, 'dateTo') ?? Number.POSITIVE_INFINITY;
  if (wanted !== null && !statuses.includes(wanted)) throw invalid(`status ${wanted} is unknown`);
  const selected = [...(deviceId === null ? core.operations.values() : core.operations.of(deviceId))].filter(
    (operation) =>
      (wanted === null || operation.status === wanted) &&
      (fragmentType === null || Object.hasOwn(operation.fragments, fragmentType)) &&
      operation.creationTimeMs >= from &&
      operation.creationTimeMs <= to &&
      (agentId === null || core.agentOf(operation.deviceId) === agentId),
  );
  return query.get('revert') === 'true' ? selected.reverse() : selected;
}

function read(call: Call): Answer {
  const operation = find(call);
  if (call.isDevice) noteDelivery(operation, call.number);
  return { status: 200, media, body: renderOperation(call.core, operation, call.base) };
}

function update(call: Call): Answer {
  const { core } = call;
  const operation = find(call);
  const agentId = core.agentOf(operation.deviceId);
  const isOwner = core.owns(call.user, operation.deviceId) || (agentId !== undefined && core.owns(call.user, agentId));
  if (!isOwner) throw forbidden();
  const document = call.document();
  const { status, failureReason } = document;
  if (status === undefined) {
    call.breach('status-missing', `update of operation ${operation.id}`);
    throw missingFields(['status']);
  }
  requireTexts(call, document, ['failureReason']);
  if (typeof status !== 'string' || !statuses.includes(status))
    throw invalid(`status ${JSON.stringify(status)} is unknown`);
  if (failureReason !== undefined && status !== 'FAILED') throw invalid('failureReason is allowed with FAILED only');
  checkTransition(call, operation, status as OperationStatus);
  checkRepeated(call, operation, document);
  checkLogFile(call, operation, document);
  checkRemoteAccess(call, operation, status as OperationStatus);
  checkTold(call, operation, document);
  setStatus(core, operation, status as OperationStatus, call.isDevice ? call.number : 0);
  operation.failureReason = typeof failureReason === 'string' ? failureReason : undefined;
  const entries = Object.entries(document).filter(([name]) => !maintained.includes(name));
  const changes = Object.fromEntries(entries);
  checkNames(call, changes, 'fragment');
  merge(operation.fragments, changes);
  core.operations.touch(operation.id);
  // An operator must not wait for a device that has failed.
  if (status === 'FAILED') core.remoteAccess.of(operation.id)?.end(operation.failureReason ?? 'the device has failed');
  return { status: 200, media, body: renderOperation(core, operation, call.base) };
}

function setStatus(core: Core, operation: Operation, status: OperationStatus, request: number): void {
  if (operation.status !== status) operation.history.push({ status, timeMs: core.now() });
  operation.status = status;
  operation.statusRequest = request;
}

function removeAll(call: Call): Answer {
  for (const operation of select(call)) call.core.operations.delete(operation.id);
  return { status: 204 };
}

function find(call: Call): Operation {
  const operation = call.core.operations.get(call.param(0));
  if (operation !== undefined) return operation;
  const message = `Finding device data from database failed : No operation for gid '${call.param(0)}'!`;
  throw notFound('devicecontrol', message);
}

function nameOf(call: Call, operation: Operation): JsonObject {
  const name = objectOf(call, operation.deviceId).fragments['name'];
  return name === undefined ? {} : { deviceName: name };
}

function externalIds(call: Call, operation: Operation): JsonObject {
  const list = [...call.core.externalIds.values()].filter(({ objectId }) => objectId === operation.deviceId);
  return { externalIds: list.map(({ type, externalId }) => ({ type, externalId })) };
}
