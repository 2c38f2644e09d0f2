// SPDX-License-Identifier: Apache-2.0
/** Waits for the end of an operation, and tells what it waits for. */

import { plain } from '../terminal/plain.ts';
import type { OperationRecord, Tenant } from './tenant.ts';

const LOOK_MS = 1000;
/** Most operations have ended by then. */
const PATIENCE_MS = 20_000;
/** Operations whose files the device transfers itself. */
const OF_FILES =
  /^c8y_(Firmware|SoftwareUpdate|SoftwareList|DeviceProfile|DownloadConfigFile|UploadConfigFile|LogfileRequest)$/;
const FRAGMENT = /^[a-z][A-Za-z0-9]*_[A-Z]\w*$/;
const CONSOLE = 'its log, and "status" on its console, say why';

export interface WaitOptions {
  readonly deviceId: string;
  readonly timeoutMs: number;
  /** Time without another status after which the reason is looked for. Default: 20 s. */
  readonly patienceMs?: number;
  /** Takes lines for a person. */
  tell(line: string): void;
}

/** Tells each status once; resolves with the ended operation, or with its state after the timeout. */
export async function awaitEnd(
  tenant: Tenant,
  created: OperationRecord,
  options: WaitOptions,
): Promise<OperationRecord> {
  const { deviceId, timeoutMs, patienceMs = PATIENCE_MS, tell } = options;
  const sinceMs = Date.now();
  let record = created;
  let told = '';
  let toldMs = sinceMs;
  let reason = '';
  for (;;) {
    if (record.status !== told) {
      tell(`${String(Math.round((Date.now() - sinceMs) / 1000)).padStart(4)} s  ${plain(record.status)}`);
      toldMs = Date.now();
    }
    told = record.status;
    const isEnded = told === 'SUCCESSFUL' || told === 'FAILED';
    if (isEnded || Date.now() - sinceMs > timeoutMs) return record;
    if (Date.now() - toldMs >= patienceMs) {
      const now = await reasonOf(tenant, record, deviceId);
      if (now !== reason) tell(`        ${now}`);
      reason = now;
      toldMs = Date.now();
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    record = await tenant.operation(record.id);
  }
}

/** Why an operation may still wait, as far as the platform knows. */
async function reasonOf(tenant: Tenant, record: OperationRecord, deviceId: string): Promise<string> {
  if (record.status === 'EXECUTING') {
    return OF_FILES.test(nameOf(record))
      ? `the device works on it; a transfer that fails is tried again for ten minutes: ${CONSOLE}`
      : `the device works on it: ${CONSOLE}`;
  }
  const { operations = [] } = (await tenant.read(
    `/devicecontrol/operations?deviceId=${encodeURIComponent(deviceId)}&status=EXECUTING&pageSize=5`,
  )) as { operations?: readonly OperationRecord[] };
  const other = operations.find(({ id }) => id !== record.id);
  if (other === undefined) return `the device has not taken it: it is off, has no connection, or is busy; ${CONSOLE}`;
  return `waits for operation ${plain(other.id)}, ${plain(nameOf(other))}, on which the device works: ${CONSOLE}`;
}

/** The fragment that says what an operation does. */
function nameOf(record: OperationRecord): string {
  return Object.keys(record).find((each) => FRAGMENT.test(each)) ?? 'an operation';
}
