// SPDX-License-Identifier: Apache-2.0
/** A process that is killed after a file was applied, and before it was read back: on Node and on XS, over sockets. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createOperation, findDevice } from 'fractus/emulator';
import { createBinary } from '../../tools/platform/operator.ts';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { begin } from './desk-scene.ts';

const { reason } = await buildXsHost();

for (const runtime of ['node', 'xs']) {
  const declare = testWith(runtime === 'xs' ? reason : undefined, test.serial);
  declare(`the next start applies the file before, and the operation is FAILED, on ${runtime}`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fractus-killed-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const { emulator, device, again } = await begin(t, 'app/garbling', runtime, '--data', folder);
    await device.saying(/listening for operations/);
    const { id = '' } = findDevice(emulator.platform, runtime) ?? {};
    const file = createBinary(emulator.platform, Buffer.from('the second, a long one'));
    const url = `${emulator.url}/inventory/binaries/${file.id}`;
    const operation = createOperation(emulator.platform, id, { c8y_DownloadConfigFile: { type: 'recipe', url } });
    await device.saying(/applied: the second, a long one/);
    device.child.kill('SIGKILL');
    await device.exit();
    const { device: next, end } = again();
    await until(
      () => operation.status === 'FAILED',
      () => next.output,
    );
    t.is(operation.failureReason, 'recipe: it was applied, and another file is in force');
    t.deepEqual(
      [...next.output.matchAll(/applied: (.*)/g)].map(([, text]) => text),
      ['the first', 'the second, a long one', 'the first'],
    );
    t.regex(next.output, /the power went before it was verified, so the former one is in force again/);
    await end();
  });
}
