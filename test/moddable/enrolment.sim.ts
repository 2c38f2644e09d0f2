// SPDX-License-Identifier: Apache-2.0
/** A key that is made by the big numbers of the SDK, its request, and mutual TLS that is signed with it; OpenSSL on the other side. */

import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import type { PlatformRequest, Reply } from '../../tools/platform/model.ts';
import { findDevice, registerEnrolment } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { until } from '../support/until.ts';
import { Board, Screen } from './bench.ts';
import { buildOwnFirmware } from './own-firmware.ts';

const DEVICE = 'simulated';
const PASSWORD = 'a-password-for-once';
const PATIENCE_MS = 120_000;

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const certificates = { authority: authority.certificate, server: await createServerCertificate(authority) };
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  const source = `
    import { startWith } from 'fractus/board';
    import { command, enrolment } from 'fractus/capabilities';
    import { PARTS } from 'fractus/parts';
    export default () => void startWith(() => {}, { capabilities: [command, enrolment()], parts: PARTS });`;
  library = await buildOwnFirmware('enrolment', source, authority.certificate);
});

test.serial('a board gets its certificate, shows it, and finds it after a restart', async (t) => {
  const shown: string[] = [];
  class Watched extends Platform {
    override handle(request: PlatformRequest, reply: Reply): void {
      const { clientCertificate: certificate } = request;
      if (request.path === accessTokenPath && certificate !== undefined)
        shown.push(new X509Certificate(certificate.leaf).serialNumber);
      super.handle(request, reply);
    }
  }
  const platform = new Watched(machineOptions());
  const server = await startServer({ platform, tls: true, certificates });
  t.teardown(() => server.close());
  registerEnrolment(platform, DEVICE, PASSWORD);
  const board = new Board({
    screen,
    library,
    config: {
      ...{ url: server.url, tokenUrl: server.tokenUrl ?? '', ca: 'ca.pem', deviceId: DEVICE, ntpServers: 'none' },
      ...{ auth: 'certificate', certificate: 'enrolled', privateKey: 'enrolled', bootstrapPassword: PASSWORD },
    },
  });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/, PATIENCE_MS);
  t.not(findDevice(platform, DEVICE)?.id ?? '', '');
  const [first] = shown;
  t.deepEqual([...new Set(shown)], [first]);
  t.is(shown.length, 2, 'once to prove it, once to use it');
  t.deepEqual(platform.breaches, []);
  t.false(board.simulator.lines.some((line) => /PRIVATE KEY|unhandled|exception/.test(line)));
  const before = platform.requests.length;
  await board.simulator.stop();
  board.simulator.start();
  await until(
    () =>
      shown.length === 3 && platform.requests.slice(before).some(({ path: asked }) => asked.includes('/notification/')),
    () => board.simulator.lines.join('\n'),
    PATIENCE_MS,
  );
  t.deepEqual([...new Set(shown)], [first], 'the same after a restart');
  t.deepEqual(
    platform.breaches.filter(({ rule }) => rule === 'enrolment'),
    [],
  );
});
