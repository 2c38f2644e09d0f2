// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { ntpAnswer, startNtpServer } from '../support/ntp-server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, buildFirmware, Screen, writeData } from './bench.ts';

const LATER_MS = Date.UTC(2050, 0, 1);

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const certificates = { authority: authority.certificate, server: await createServerCertificate(authority) };
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  writeData('agent', { 'ca.pem': authority.certificate });
  library = await buildFirmware('sntp', { project: fileURLToPath(new URL('agent', import.meta.url)) });
});

type Answer = (request: Uint8Array) => Uint8Array | undefined;

const lie: Answer = (request) => ntpAnswer(request, LATER_MS);

/** A board and a time server on this machine, and a platform behind TLS whose server is down. */
async function start(t: ExecutionContext, answer: Answer) {
  const time = await startNtpServer(answer);
  t.teardown(() => time.close());
  const platform = new Platform(machineOptions({ accept: true }));
  const before = await startServer({ platform, tls: true, certificates });
  await before.close();
  const config = {
    url: before.url,
    ...bootstrapConfig(platform),
    ca: 'ca.pem',
    ntpServers: time.name,
  };
  const board = new Board({ screen, library, config });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  const startPlatform = async () => {
    const server = await startServer({ platform, tls: true, certificates, port: Number(new URL(before.url).port) });
    t.teardown(() => server.close());
    return server;
  };
  return { time, platform, board, startPlatform };
}

test.serial('known without the platform; a lie does not keep the board from it, and is corrected', async (t) => {
  const { time, board, startPlatform } = await start(t, lie);
  await board.line(/SNTP: the time is known/);
  board.simulator.type('status');
  t.regex(await board.line(/^time +/), /2050-01-01T00:0/);
  t.is(time.requests.length, 1);
  await startPlatform();
  await board.line(/the clock was \d{8,} s off: corrected/);
  await board.line(/listening for operations/);
  t.is(board.simulator.restarts, 0);
});

const USELESS: Readonly<Record<string, Answer>> = {
  'is silent': () => undefined,
  'does not want to be asked': (request) => ntpAnswer(request, LATER_MS, { stratum: 0, leap: 3, reference: 'DENY' }),
  'tells a time that no firmware lives to see': (request) => ntpAnswer(request, Date.UTC(2100, 0, 1)),
  'answers with something else': () => new Uint8Array(3),
};

for (const [what, answer] of Object.entries(USELESS)) {
  test.serial(`a time server that ${what}: the platform tells the time`, async (t) => {
    const { time, board, startPlatform } = await start(t, answer);
    await until(() => time.requests.length === 1, 'nobody asks', 60_000);
    await startPlatform();
    await board.line(/listening for operations/);
    board.simulator.type('status');
    t.regex(await board.line(/^time +/), /20[2-4]\d-/);
    t.false(board.simulator.lines.some((line) => line.includes('SNTP: the time is known')));
  });
}

test.serial('the platform is years ahead for a moment: its certificate is not refused for ever', async (t) => {
  const { platform, board, startPlatform } = await start(t, () => undefined);
  const first = await startPlatform();
  await board.line(/listening for operations/);
  platform.order({ kind: 'date', skewMs: 20 * 366 * 86_400_000, times: 1e6 });
  // The session that is kept goes with the server, so that certificates are shown again.
  await first.close();
  const second = await startPlatform();
  await board.line(/the clock was \d{8,} s off: corrected/);
  platform.cancel();
  await second.close();
  await startPlatform();
  await board.line(/the time of the platform is in doubt/);
  await board.line(/the clock was \d{8,} s off: corrected/);
  await board.line(/listening for operations/);
  t.is(board.simulator.restarts, 0);
});
