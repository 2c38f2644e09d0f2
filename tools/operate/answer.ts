// SPDX-License-Identifier: Apache-2.0
/** What a device has answered to an operation, for a person. */

import type { DeviceRecord, OperationRecord, Tenant } from './tenant.ts';

const UPLOAD = 'c8y_UploadConfigFile';
/** Newest first: others may have asked for the same file meanwhile. */
const MOST_EVENTS = 20;

/**
 * The texts of a successful operation: its result, and its file.
 * @throws Error for a file that cannot be found
 */
export async function answersOf(
  tenant: Tenant,
  device: DeviceRecord,
  fragment: string,
  record: OperationRecord,
): Promise<readonly string[]> {
  const answer = record[fragment];
  const members = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const { result, file, type = device.types[0] } = members;
  const texts: string[] = [];
  if (typeof result === 'string') texts.push(result);
  if (typeof file === 'string') texts.push(await tenant.content(file));
  if (fragment === UPLOAD && record.status === 'SUCCESSFUL' && typeof type === 'string')
    texts.push(await configurationFile(tenant, device, type, record.id));
  return texts;
}

/** The attachment of the newest event of its type; of ours, the text names the operation. */
async function configurationFile(
  tenant: Tenant,
  { id }: DeviceRecord,
  type: string,
  operation: string,
): Promise<string> {
  const { events = [] } = (await tenant.read(
    `/event/events?source=${encodeURIComponent(id)}&type=${encodeURIComponent(type)}&pageSize=${MOST_EVENTS}`,
  )) as { events?: readonly { id: string; text?: string; c8y_IsBinary?: unknown }[] };
  const attached = events.filter((each) => each.c8y_IsBinary !== undefined);
  const own = attached.find(({ text = '' }) => text.endsWith(`operation ${operation}`)) ?? attached[0];
  if (own === undefined) throw new Error(`there is no event of type ${type} with a file`);
  return tenant.attachment(own.id);
}
