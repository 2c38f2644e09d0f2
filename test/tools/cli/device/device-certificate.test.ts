// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { createOperation } from '../../../../tools/platform/operator.ts';
import { testOnRuntimes } from '../../../support/device.ts';
import { DeviceProcess } from '../../../support/device-process.ts';
import { createAll, DEVICE, Tenant } from '../../../support/tenant.ts';
import { until } from '../../../support/until.ts';

const certificates = await createAll();

/** A device with a certificate of an intermediate CA, in a process of its own: registered, renewed, restarted, stopped. */
async function live(t: ExecutionContext, runtime: string): Promise<void> {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-certificate-'));
  const files = Object.entries(tenant.files(certificates.chained)).map(([name, content]) => {
    const file = path.join(directory, name);
    writeFileSync(file, content);
    return `${name}=${file}`;
  });
  const { url, tokenUrl } = tenant.config;
  const device = new DeviceProcess(t, {
    args: ['--runtime', runtime, `url=${url}`, `tokenUrl=${tokenUrl}`, 'auth=certificate', `deviceId=${DEVICE}`].concat(
      files,
      'measurementInterval=1',
    ),
  });
  await device.saying(/listening for operations/);

  tenant.platform.expireTokens();
  await device.saying(/token for 3600 s/, 2);
  await until(() => tenant.tokens.length === 2 && tenant.polled, 'the new token is not used');

  const restart = createOperation(tenant.platform, tenant.device?.id ?? '', { c8y_Restart: {} });
  await device.saying(/start 2 \(software\)/);
  await device.saying(/listening for operations/, 2);
  await until(() => restart.status === 'SUCCESSFUL', 'the restart is not told');
  t.is(tenant.sent('POST', '/user/logout').length, 1);

  device.child.kill('SIGTERM');
  t.is(await device.exit(), 0);
  t.is(tenant.sent('POST', '/user/logout').length, 2);
  t.is(tenant.tokenRequests.length, 3);
  const secrets = [...tenant.tokens, certificates.chained.privateKey.split('\n')[1] ?? ''];
  for (const secret of secrets) t.false(device.output.includes(secret));
  t.deepEqual(tenant.platform.breaches, []);
}

testOnRuntimes('a certificate over mutual TLS: one renewal when refused, a logout before restart and end', live);
