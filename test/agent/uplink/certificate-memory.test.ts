// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import { createNodeHal } from '../../../hal/node/node.ts';
import { buildAll } from '../../../tools/build.ts';
import { createAuthority, createDeviceCertificate } from '../../../tools/platform/certificates.ts';
import { measurementsOf } from '../../../tools/platform/operator.ts';
import { usedBytes } from '../../../tools/xs/figures.ts';
import { XsMachine } from '../../../tools/xs/machine.ts';
import { createAll, DEVICE, Tenant } from '../../support/tenant.ts';
import { until } from '../../support/until.ts';
import { testWithXs, type XsHost } from '../../support/xs/on-xs.ts';

const { bundle, host } = await buildAll();
const certificates = await createAll();
const line = await createAuthority('Line 2', { issuer: certificates.intermediate });
const identity = await createDeviceCertificate(line, DEVICE);

/**
 * A tenant name that makes tokens as long as those of the platform, which are signed with RSA: about 900 characters.
 */
const TENANT = 't'.repeat(150);

/** XS with a device that listens and has reported once. */
async function listening(t: ExecutionContext, xs: XsHost, config: Readonly<Record<string, string>>) {
  const tenant = await Tenant.start(t, certificates.server, [line], TENANT);
  const resources: Record<string, Uint8Array> = {};
  for (const [name, text] of Object.entries(tenant.files(identity))) resources[name] = Buffer.from(text);
  const hal = createNodeHal({ mac: '02aabbccddee', firmware: bundle.firmware, resources });
  const machine = new XsMachine({ host: xs, bundle: bundle.path, hal, config: { ...tenant.config, ...config } });
  t.teardown(async () => {
    await machine.kill();
    hal.close();
  });
  await machine.boot();
  const reports = () => measurementsOf(tenant.platform, tenant.device?.id ?? '').length;
  await until(() => tenant.polled && reports() >= 3, 'it does not listen');
  await machine.settle();
  return { machine, tenant, reports };
}

testWithXs(host, 'xs: of the chain of certificates nothing stays in memory once there is a token', async (t, xs) => {
  const lives: number[] = [];
  for (const sendChain of ['no', 'yes']) {
    const { machine } = await listening(t, xs, { sendChain, measurementInterval: '3600' });
    lives.push(usedBytes(await machine.measure({ collect: true })));
  }
  const [without = 0, withChain = 0] = lives;
  t.true(withChain < without + 200, `${without} bytes without a chain, ${withChain} with one`);
});

testWithXs(host, 'xs: a token in every request makes no request buffer grow', async (t, xs) => {
  const { machine, tenant, reports } = await listening(t, xs, { measurementInterval: '1' });
  t.true((tenant.tokens[0]?.length ?? 0) > 850);
  await machine.measure({ collect: true, mark: true });
  const before = reports();
  await until(() => reports() >= before + 9, 'no reports');
  await machine.settle();
  const { allocatedChunkBytes } = await machine.measure();
  t.true(allocatedChunkBytes < 1024, `${allocatedChunkBytes} bytes for three reports`);
});
