// SPDX-License-Identifier: Apache-2.0
/** A process with a tenant whose 20 devices have measured 10 series for an hour, and go on: for whoever looks at the page. */

import { loadPage } from '../../tools/desk/page.ts';
import { createDeviceUser, createObject } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';

const DEVICES = 20;
const SERIES = 10;
const STEP_MS = 5000;
const HOUR_MS = 3_600_000;

const platform = new Platform(machineOptions());
const { core } = platform;
platform.watch();

function measure(sourceId: string, timeMs: number): void {
  const series = Array.from({ length: SERIES }, (_, i) => [
    `S${i}`,
    { value: 20 + i + Math.sin(timeMs / 60_000 + i), unit: '°C' },
  ]);
  const fragments = { type: 'many', many: Object.fromEntries(series) };
  core.measurements.keep({ id: core.nextId(), sourceId, creationTimeMs: timeMs, timeMs, fragments });
}

const ids = Array.from({ length: DEVICES }, (_, i) => {
  const { username } = createDeviceUser(platform, `board-${i}`);
  const fragments = { name: `board-${i}`, c8y_IsDevice: {}, c8y_SupportedOperations: ['c8y_Restart'] };
  return createObject(platform, fragments, username).id;
});
const nowMs = Date.now();
for (let timeMs = nowMs - HOUR_MS; timeMs < nowMs; timeMs += STEP_MS) for (const id of ids) measure(id, timeMs);
let turn = 0;
setInterval(() => {
  measure(ids[turn % DEVICES] ?? '', Date.now());
  turn += 1;
}, STEP_MS / DEVICES);
const { url } = await startServer({ platform, page: await loadPage() });
console.log(`See it, for what it costs: ${url}/`);
