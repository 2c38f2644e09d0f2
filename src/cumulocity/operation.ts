// SPDX-License-Identifier: Apache-2.0

/** Members of an operation that belong to the platform; none of them is the request itself. */
export const PLATFORM_MEMBERS: readonly string[] = [
  'id',
  'self',
  'deviceId',
  'deviceName',
  'agentId',
  'deviceExternalIDs',
  'status',
  'creationTime',
  'description',
  'bulkOperationId',
  'failureReason',
  'deliveryType',
  'delivery',
  'externalSource',
  'c8y_DeliveryInfo',
];
