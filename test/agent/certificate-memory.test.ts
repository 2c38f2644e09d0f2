import test, { type ExecutionContext } from 'ava';
import { createNodeHal } from '../../hal/node/node.ts';
import { buildAll } from '../../tools/build.ts';
import { createAuthority, createDeviceCertificate } from '../../tools/platform/certificates.ts';
import { measurementsOf } from '../../tools/platform/operator.ts';
import { usedBytes } from '../../tools/xs/figures.ts';
import { XsMachine } from '../../tools/xs/machine.ts';
import { createAll, DEVICE, Tenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const { bundle, host } = await buildAll();
const certificates = await createAll();
const line = await createAuthority('Line 2', { issuer: certificates.intermediate });
const identity = await createDeviceCertificate(line, DEVICE);
/** What ava calls a test that cannot be run here. */
const UNAVAILABLE = 'skip';

/** What is live in XS while it listens with a token. */
async function listeningBytes(t: ExecutionContext, sendChain: string): Promise<number> {
  if (!host.available) throw new Error(host.reason);
  const tenant = await Tenant.start(t, certificates.server, [line]);
  const resources: Record<string, Uint8Array> = {};
  for (const [name, text] of Object.entries(tenant.files(identity))) resources[name] = Buffer.from(text);
  const hal = createNodeHal({ mac: '02aabbccddee', firmware: bundle.firmware, resources });
  const config = { ...tenant.config, sendChain, measurementInterval: '3600' };
  const machine = new XsMachine({ host, bundle: bundle.path, hal, config });
  t.teardown(async () => {
    await machine.kill();
    hal.close();
  });
  await machine.boot();
  await until(
    () => tenant.polled && measurementsOf(tenant.platform, tenant.device?.id ?? '').length === 3,
    'it does not listen',
  );
  await machine.settle();
  return usedBytes(await machine.measure({ collect: true }));
}

(host.available ? test : test[UNAVAILABLE])(
  'xs: of the chain of certificates nothing stays in memory once there is a token',
  async (t) => {
    const without = await listeningBytes(t, 'no');
    const withChain = await listeningBytes(t, 'yes');
    t.true(withChain < without + 200, `${without} bytes without a chain, ${withChain} with one`);
  },
);
