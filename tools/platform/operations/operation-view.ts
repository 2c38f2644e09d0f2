// SPDX-License-Identifier: Apache-2.0
/** Operations as the platform shows them. */

import { type Core, copyJson } from '../core/core.ts';
import type { JsonObject, Operation } from '../model.ts';
import { formatTime } from '../records/time.ts';

/** The operation as it is listed and pushed; `base` is scheme and host for its `self`. */
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

/** Remembers which answer carries an operation to its device. */
export function noteDelivery(operation: Operation, request: number): void {
  operation.deliveries.push(request);
  if (operation.deliveries.length > maxDeliveries) operation.deliveries.shift();
}

const maxDeliveries = 100;
