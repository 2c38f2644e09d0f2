// SPDX-License-Identifier: Apache-2.0
/** Operations in the platform's form. */

import { type Core, copyJson } from '../core/core.ts';
import type { JsonObject, Operation } from '../model.ts';
import { formatTime } from '../time.ts';

/** The operation in lists and pushes; `base` is scheme and host of its `self`. */
export function renderOperation(core: Core, operation: Operation, base: string): JsonObject {
  const agentId = core.agentOf(operation.deviceId);
  return {
    ...copyJson(operation.fragments),
    id: operation.id,
    deviceId: operation.deviceId,
    ...(agentId === undefined ? {} : { agentId }),
    status: operation.status,
    creationTime: formatTime(operation.creationTimeMs),
    self: `${base}/devicecontrol/operations/${operation.id}`,
    ...(operation.failureReason === undefined ? {} : { failureReason: operation.failureReason }),
  };
}

/** Records the request whose answer carries an operation to its device. */
export function noteDelivery(operation: Operation, request: number): void {
  operation.deliveries.push(request);
  if (operation.deliveries.length > maxDeliveries) operation.deliveries.shift();
}

const maxDeliveries = 100;
