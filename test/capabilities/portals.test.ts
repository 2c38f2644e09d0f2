// SPDX-License-Identifier: Apache-2.0
/** A portal or a gateway that answers with a page in place of a file: no page is ever a configuration or a package. */

import test from 'ava';
import type { JsonObject } from '../../tools/platform/model.ts';
import { childOf, order, runToEnd } from '../agent/operations/operating.ts';
import { createScene, KID, url } from './children/children-scene.ts';

const ORDERS: Readonly<Record<string, (from: string) => JsonObject>> = {
  c8y_DownloadConfigFile: (from) => ({ c8y_DownloadConfigFile: { type: 'recipe', url: from } }),
  c8y_Firmware: (from) => ({ c8y_Firmware: { name: 'plc', version: '2', url: from } }),
  c8y_SoftwareUpdate: (from) => ({
    c8y_SoftwareUpdate: [{ name: 'oven', version: '1', url: from, action: 'install' }],
  }),
};

for (const [name, fragments] of Object.entries(ORDERS)) {
  test(`${name} behind a portal: the file is taken once the portal is gone`, (t) => {
    const { world, controller } = createScene(t);
    const page = { kind: 'status', path: '/inventory/binaries/*', status: 200, html: true, times: 3 } as const;
    world.platform.order(page);
    const operation = order(world, fragments(url(world, 'the file')), childOf(world, KID).id);
    runToEnd(world, [operation], 900_000);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    const there = [String(controller.recipe), controller.packages.get('oven')?.content];
    t.deepEqual(there, [
      name === 'c8y_DownloadConfigFile' ? 'the file' : 'the first',
      name === 'c8y_SoftwareUpdate' ? 'the file' : undefined,
    ]);
  });

  test(`${name} behind a portal that stays: FAILED with a reason, and nothing is changed`, (t) => {
    const { world, controller } = createScene(t);
    const page = { kind: 'status', path: '/inventory/binaries/*', status: 200, html: true, times: 1e6 } as const;
    world.platform.order(page);
    const operation = order(world, fragments(url(world, 'the file')), childOf(world, KID).id);
    runToEnd(world, [operation], 1_800_000);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', /download: this is not the requested content; no progress for 10 minutes$/);
    t.deepEqual([String(controller.recipe), controller.packages.size, controller.runs.version], ['the first', 0, '1']);
  });
}
