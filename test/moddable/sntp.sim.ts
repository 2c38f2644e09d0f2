import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { ntpAnswer, startNtpServer } from '../support/ntp-server.ts';
import { until } from '../support/until.ts';
import { Board, buildFirmware, Screen } from './bench.ts';

const LATER_MS = Date.UTC(2090, 0, 1);

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const certificates = { authority: authority.certificate, server: await createServerCertificate(authority) };
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  const data = path.join(ROOT, 'build', 'moddable-test', 'agent-data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'ca.pem'), authority.certificate);
  library = await buildFirmware('sntp', { project: fileURLToPath(new URL('agent', import.meta.url)) });
});

/** A board, a time server on this machine, and a platform behind TLS that is there, or not. */
async function start(
  t: ExecutionContext,
  answer: (request: Uint8Array) => Uint8Array | undefined,
  { isPlatformThere = true } = {},
) {
  const time = await startNtpServer(answer);
  t.teardown(() => time.close());
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform, tls: true, certificates });
  if (isPlatformThere) t.teardown(() => server.close());
  else await server.close();
  const { tenant, name, password = '' } = platform.core.bootstrap;
  const config = {
    url: server.url,
    bootstrapUser: `${tenant}/${name}`,
    bootstrapPassword: password,
    ca: 'ca.pem',
    ntpServers: time.name,
  };
  const board = new Board({ screen, library, config });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  return { time, board };
}

test.serial('the time is known without the platform', async (t) => {
  const { time, board } = await start(t, (request) => ntpAnswer(request, LATER_MS), { isPlatformThere: false });
  await board.line(/SNTP: the time is known/);
  board.simulator.type('status');
  t.regex(await board.line(/^time +/), /2090-01-01T00:0/);
  t.is(time.requests.length, 1);
});

test.serial('a time server that lies does not keep the board from the platform, which corrects it', async (t) => {
  // The answer has to come before that of the platform.
  const { board } = await start(t, (request) => ntpAnswer(request, LATER_MS));
  await board.line(/listening for operations/);
  await board.line(/SNTP: the time is known|the time was known/);
  await board.line(/the clock was \d{8,} s off: corrected/);
  t.is(board.simulator.restarts, 0);
});

test.serial(
  'a time server that is silent, one that does not want to be asked: the platform tells the time',
  async (t) => {
    for (const answer of [
      () => undefined,
      (request: Uint8Array) => ntpAnswer(request, LATER_MS, { stratum: 0, leap: 3 }),
      () => new Uint8Array(3),
    ]) {
      const { time, board } = await start(t, answer);
      await board.line(/listening for operations/);
      await until(() => time.requests.length === 1, 'nobody asks', 10_000);
      board.simulator.type('status');
      const line = await board.line(/^time +/);
      t.regex(line, /20\d\d-/);
      t.notRegex(line, /2090-/);
      await board.simulator.stop();
    }
  },
);
