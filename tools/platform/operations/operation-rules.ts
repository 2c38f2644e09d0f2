// SPDX-License-Identifier: Apache-2.0
/** Rules for devices that work on operations. */

import type { Call } from '../calls/call.ts';
import { isObject, member } from '../http/http.ts';
import type { JsonObject, Operation, OperationStatus } from '../model.ts';

const rank: Readonly<Record<OperationStatus, number>> = { PENDING: 0, EXECUTING: 1, SUCCESSFUL: 2, FAILED: 2 };

/** PENDING → EXECUTING → SUCCESSFUL or FAILED (guide step 6), oldest operation of a device first. */
export function checkTransition(call: Call, operation: Operation, next: OperationStatus): void {
  if (!call.isDevice) return;
  const { status } = operation;
  // A person has ended it in the meantime, which a device does not learn.
  if (rank[status] === 2 && operation.statusRequest === 0) return;
  const step = `operation ${operation.id}: ${status} to ${next}`;
  if (rank[status] === 2 && status === next) {
    if (!call.wasLost(operation.statusRequest)) call.breach('final-twice', step);
  } else if (rank[next] < rank[status] || rank[status] === 2) {
    // Even after a lost answer, a repeated EXECUTING must not step back from a later status.
    call.breach('status-backwards', step);
  } else if (status === 'PENDING' && rank[next] === 2) {
    call.breach('executing-skipped', step);
  } else if (status === 'PENDING' && next === 'EXECUTING') {
    checkOrder(call, operation);
  }
}

/** An older operation that was delivered to the device must come first. */
function checkOrder(call: Call, operation: Operation): void {
  for (const older of call.core.operations.of(operation.deviceId)) {
    if (older.id === operation.id) return;
    if (older.status !== 'PENDING' || call.core.ledger.isHindered(`/devicecontrol/operations/${older.id}`)) continue;
    if (older.deliveries.some((request) => !call.wasLost(request))) {
      call.breach('operation-order', `operation ${operation.id} before ${older.id}`);
      return;
    }
  }
}

/** A fragment in an update replaces the stored one, so it must repeat all members. */
export function checkRepeated(call: Call, operation: Operation, document: JsonObject): void {
  for (const [name, fragment] of Object.entries(document)) {
    const stored = member(operation.fragments, name);
    if (!isObject(fragment) || !isObject(stored)) continue;
    const lost = Object.keys(stored).filter((each) => !Object.hasOwn(fragment, each));
    if (lost.length > 0) call.breach('fragment-not-repeated', `operation ${operation.id}: ${name}.${lost.join(', ')}`);
  }
}

/** A requested log must be attached to an event of its type, and the operation must contain its URL. */
export function checkLogFile(call: Call, operation: Operation, document: JsonObject): void {
  const isLog = isObject(member(operation.fragments, logFragment)) && document['status'] === 'SUCCESSFUL';
  // After a refused attachment, the device reports the operation without it.
  if (!call.isDevice || !isLog || call.core.ledger.isHindered(call.request.path)) return;
  const { file } = (member(document, logFragment) ?? {}) as { file?: unknown };
  const id = /\/event\/events\/(\w+)\/binaries$/.exec(String(file))?.[1];
  const event = call.core.events.get(id ?? '');
  const isThere = event?.fragments['type'] === logFragment && event.sourceId === operation.deviceId;
  if (!isThere || event.binary === undefined)
    call.breach('log-file', `operation ${operation.id}: ${file ?? 'nowhere'}`);
}

const logFragment = 'c8y_LogfileRequest';

/** A device that reports SUCCESSFUL must have connected both ends. */
export function checkRemoteAccess(call: Call, operation: Operation, status: OperationStatus): void {
  const { ledger, remoteAccess } = call.core;
  if (!call.isDevice || status !== 'SUCCESSFUL' || !isObject(member(operation.fragments, remoteFragment))) return;
  const session = remoteAccess.of(operation.id);
  const wasUp = (session?.request ?? 0) > 0;
  // The device has received a cut answer, but nothing after it.
  const isCut = ledger.isHindered(`/service/remoteaccess/device/${session?.key}`);
  if (!wasUp && !isCut && !ledger.isHindered(call.request.path))
    call.breach('remote-access-early', `operation ${operation.id}`);
}

const remoteFragment = 'c8y_RemoteAccessConnect';

/** PENDING must be queried after the subscription, so that no operation is missed in between. */
export function checkPendingQuery(call: Call): void {
  if (!call.isDevice || call.query.get('status') !== 'PENDING') return;
  let isSubscribed = false;
  for (const session of call.core.sessions.values()) {
    if (session.user.name !== call.user.name || session.subscriptions.size === 0) continue;
    isSubscribed = true;
    session.pendingQueried = true;
  }
  // A session that a fault ended loses its subscription; queries for further pages are then no breach.
  // A device without a session may query as well, because it must query again after it subscribes.
  const hadSubscribed = call.core.lastSubscriptions.has(call.user.name);
  const wasTooSlow = call.core.unqueried.delete(call.user.name);
  const isExcused = wasTooSlow || hadSubscribed || call.core.ledger.lostSince(1, call.user.name);
  if (!isSubscribed && !isExcused) call.breach('pending-before-subscribe', 'no subscription of this user');
}
