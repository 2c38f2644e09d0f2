// SPDX-License-Identifier: Apache-2.0
/** From a one-time password to a device that listens, over real TLS, which signs with the key that the device has made. */

import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { findApp } from '../../tools/author/app.ts';
import { buildAll } from '../../tools/build.ts';
import { NodeProgram, type Program, XsProgram } from '../../tools/device/programs.ts';
import { VirtualDevice } from '../../tools/device/virtual-device.ts';
import { ROOT } from '../../tools/places.ts';
import { registerEnrolment } from '../../tools/platform/operator.ts';
import { testWith } from '../support/needs.ts';
import { createAll, Tenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { app, capabilities } from './enrolled-app.ts';

const DEVICE = 'board-7';
const PASSWORD = 'a-password-for-once';

const certificates = await createAll();
const { bundle, host } = await buildAll({ app: await findApp(path.join(ROOT, 'test/enrolment/enrolled-app.ts')) });

for (const runtime of ['node', 'xs'] as const) {
  const declare = testWith(runtime === 'xs' ? host.reason : undefined);
  declare(`${runtime}: a device gets its certificate, shows it, and listens`, async (t) => {
    t.timeout(120_000, 'enrolment');
    const tenant = await Tenant.start(t, certificates.server, []);
    const { platform } = tenant;
    registerEnrolment(platform, DEVICE, PASSWORD);
    const config = {
      ...tenant.config,
      ...{ certificate: 'enrolled', privateKey: 'enrolled', bootstrapPassword: PASSWORD },
    };
    const failures: string[] = [];
    const lines: string[] = [];
    const onTrouble = (error: Error) => void failures.push(error.message);
    const program: Program =
      runtime === 'node' || !host.available
        ? new NodeProgram(config, app, { capabilities })
        : new XsProgram({
            host,
            bundle: bundle.path,
            config,
            onPanic: onTrouble,
            onExit: onTrouble,
          });
    const flash = new Flash({ mac: '02aabbccddee' });
    const device = new VirtualDevice({
      flash,
      program,
      firmware: bundle.firmware,
      resources: { ca: Buffer.from(tenant.server.authority ?? '') },
      log: (level: LogLevel, line: string) => void lines.push(`${level} ${line}`),
    });
    device.failure.catch(onTrouble);
    t.teardown(() => device.stop());
    device.start();
    const listens = () => tenant.polled;
    const story = () => `${lines.join('\n')}\n${failures.join('\n')}`;
    await until(listens, story, 60_000);
    const slot = () => Buffer.from(flash.store.get('enrolled') ?? []).toString('utf8');
    const certificate = new X509Certificate(slot());
    t.is(certificate.subject, `CN=${DEVICE}`);
    t.is(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    const shown = tenant.tokenRequests.map(({ clientCertificate }) =>
      Buffer.from(clientCertificate?.leaf ?? []).toString('hex'),
    );
    t.deepEqual([...new Set(shown)], [certificate.raw.toString('hex')], 'what TLS has shown');
    t.deepEqual(platform.breaches, []);
    const [, key = ''] = /PRIVATE KEY-----\n([^\n]*)/.exec(slot()) ?? [];
    t.true(key.length === 64);
    t.false(
      `${story()}${tenant.platform.seen.map((each) => JSON.stringify(each.headers) + Buffer.from(each.body).toString()).join()}`.includes(
        key,
      ),
    );
    t.deepEqual(failures, []);
  });
}
