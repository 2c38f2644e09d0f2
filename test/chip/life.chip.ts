// SPDX-License-Identifier: Apache-2.0
/** What an emulated chip does in a network: QEMU's, with this machine's loopback in it. */

import test, { type ExecutionContext } from 'ava';
import { HOST_ADDRESS, WIFI_NAME } from '../../tools/moddable/qemu.ts';
import {
  type Authority,
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
  type Identity,
} from '../../tools/platform/certificates.ts';
import { measurementsOf } from '../../tools/platform/operator.ts';
import { type ServerCertificates, startServer } from '../../tools/platform/server.ts';
import { improvClient, improvRefusal } from '../support/improv-client.ts';
import { testWith } from '../support/needs.ts';
import { ntpAnswer, startNtpServer } from '../support/ntp-server.ts';
import { until } from '../support/until.ts';
import { buildImage, type Firmware, qemu } from './bench.ts';
import { missingNames, startNames } from './names.ts';
import { asSeen, DEVICE, PATIENCE_MS, type Scene, start, withWifi } from './scene.ts';

/** Of measurements, as the scene sets it. */
const INTERVAL_MS = 2000;
/** Of measurements before a power cut: the one that was under way, and one that a busy second has left out. */
const MOST_MISSING = 2;
/** Of Improv: the board is in the network. */
const PROVISIONED = 4;
/** The size of a mark in the ring of records. */
const UNIT_BYTES = 16;

let firmware: Firmware;

let authority: Authority;
let identity: Identity;
let tenantRoot: Authority;
let certificates: ServerCertificates;

test.before(async () => {
  if (!qemu.hasWifi) return;
  firmware = await buildImage();
  authority = await createAuthority('Platform');
  const server = await createServerCertificate(authority, { addresses: ['127.0.0.1', HOST_ADDRESS] });
  certificates = { authority: authority.certificate, server };
  tenantRoot = await createAuthority('Tenant');
  identity = await createDeviceCertificate(tenantRoot, DEVICE);
});

/** What the platform sees of a device is the same on every rung. */
async function livesAsAlways(t: ExecutionContext, { platform, board, id, ended }: Scene): Promise<void> {
  await board.line(/listening for operations/);
  t.not(id(), '');
  await until(() => measurementsOf(platform, id()).length >= 2, 'no measurements', PATIENCE_MS);
  t.is((await ended({ c8y_Command: { text: 'help' } })).status, 'SUCCESSFUL');
  const from = board.chip.lines.length;
  t.is((await ended({ c8y_Restart: {} })).status, 'SUCCESSFUL');
  await board.line(/^info: fractus .*, start 2 \(software\)/, from);
  await board.line(/listening for operations/, from);
  t.deepEqual(platform.breaches, []);
}

withWifi('over HTTP: from credentials to measurements, operations and a restart', async (t) => {
  await livesAsAlways(t, await start(t, firmware));
});

withWifi('over TLS, with a CA of the board itself', async (t) => {
  const server = { tls: true, certificates };
  await livesAsAlways(
    t,
    await start(t, firmware, { config: { ca: 'ca' }, files: { ca: authority.certificate }, server }),
  );
});

withWifi('with mutual TLS: a certificate that a factory has given', async (t) => {
  const files = { ca: authority.certificate, certificate: identity.certificate, privateKey: identity.privateKey };
  const config = { auth: 'certificate', ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' };
  const server = { tls: true, certificates };
  await livesAsAlways(t, await start(t, firmware, { config, files, server, trusted: tenantRoot.certificate }));
});

withWifi('power cuts: what waits comes in order; what was under way may come again', async (t) => {
  const { platform, board, id } = await start(t, firmware);
  await board.line(/listening for operations/);
  for (let cut = 0; cut < 2; cut++) {
    const count = measurementsOf(platform, id()).length;
    await until(() => measurementsOf(platform, id()).length >= count + 2, 'no measurements', PATIENCE_MS);
    await board.chip.powerOff();
    const from = board.chip.lines.length;
    board.chip.powerOn();
    await board.line(/listening for operations/, from);
  }
  const times = [...new Set(measurementsOf(platform, id()).map(({ timeMs }) => timeMs))];
  t.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  t.deepEqual(platform.breaches, []);
});

withWifi('an outage: what was measured meanwhile comes afterwards', async (t) => {
  const { platform, board, server, id } = await start(t, firmware);
  const listening = await board.line(/listening for operations/);
  const before = measurementsOf(platform, id()).length;
  await until(() => measurementsOf(platform, id()).length > before, 'no measurements', PATIENCE_MS);
  const { port } = new URL(server.url);
  await server.close();
  await board.line(/next try|refused|unreachable|lost|not reached/);
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const again = await startServer({ platform, port: Number(port) });
  t.teardown(() => again.close());
  const count = measurementsOf(platform, id()).length;
  await until(() => measurementsOf(platform, id()).length >= count + 8, 'no measurements', PATIENCE_MS);
  const times = measurementsOf(platform, id())
    .slice(before)
    .map(({ timeMs }) => timeMs);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  // The chip may be slower than its platform, and puts its clock right then: by seconds in which no value is missing.
  const said = board.chip.lines.slice(listening).join('\n');
  let correctedMs = 0;
  for (const [, seconds] of said.matchAll(/the clock was (\d+) s off: corrected/g))
    correctedMs += Number(seconds) * 1000;
  const missingMs = gaps.reduce((sum, gap) => sum + gap - INTERVAL_MS, 0) - correctedMs;
  t.true(missingMs < 6000, `${gaps}; corrected: ${correctedMs}`);
});

withWifi(
  'a power cut in an outage: what waits in flash comes afterwards, from the time before the cut, too',
  async (t) => {
    const { platform, board, server, id } = await start(t, firmware);
    await board.line(/listening for operations/);
    const before = measurementsOf(platform, id()).length;
    await until(() => measurementsOf(platform, id()).length > before, 'no measurements', PATIENCE_MS);
    const { port } = new URL(server.url);
    await server.close();
    await board.line(/next try|refused|unreachable|lost|not reached/);
    const lastSent = measurementsOf(platform, id()).at(-1)?.timeMs ?? 0;
    // Records wait in RAM for a moment before a page of them goes to flash.
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    // By the clock of the chip, which is slower than that of its platform where others work, too.
    const time = board.chip.lines[(await board.ask('status', /^time +/)) - 1] ?? '';
    const cutAt = Date.parse(/\d{4}-\S+/.exec(time)?.[0] ?? '');
    await board.chip.powerOff();
    const again = await startServer({ platform, port: Number(port) });
    t.teardown(() => again.close());
    const from = board.chip.lines.length;
    board.chip.powerOn();
    await board.line(/listening for operations/, from);
    // Each is on flash before the next.
    const least = Math.floor((cutAt - lastSent) / INTERVAL_MS) - MOST_MISSING;
    t.true(least >= MOST_MISSING, time);
    const kept = () => measurementsOf(platform, id()).filter(({ timeMs }) => timeMs > lastSent && timeMs < cutAt);
    await until(() => kept().length >= least, 'too few of the time before the cut', PATIENCE_MS);
    const times = [...new Set(measurementsOf(platform, id()).map(({ timeMs }) => timeMs))];
    t.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  },
);

withWifi('what an older version has left: the same device, and what cannot be read is said', async (t) => {
  const { platform, board, config, id } = await start(t, firmware);
  await board.line(/listening for operations/);
  await board.chip.powerOff();
  const before = id();
  const user = [...platform.core.users.values()].find(({ kind }) => kind === 'device');
  // The first versions had no checksums around values, and others in the ring of records.
  const credentials = `fractus1\n${user?.tenant}\n${user?.name}\n${user?.password}\nend`;
  board.set(config, {}, { credentials });
  const from = board.chip.lines.length;
  for (const content of [new Uint8Array(board.partition('fractus').bytes).fill(UNIT_BYTES), undefined]) {
    if (content !== undefined) board.put('fractus', content);
    board.chip.powerOn();
    await board.line(/listening for operations/, board.chip.lines.length);
    const count = measurementsOf(platform, id()).length;
    await until(() => measurementsOf(platform, id()).length >= count + 2, 'no measurements', PATIENCE_MS);
    await board.chip.powerOff();
  }
  const said = board.chip.lines.slice(from);
  t.false(said.some((line) => line.includes('asking for credentials')));
  // Measurements and events have a ring each.
  t.is(said.filter((line) => line.startsWith('warn: flash for records: unreadable')).length, 2);
  t.is(id(), before);
  t.deepEqual(platform.breaches, []);
});

withWifi('reset credentials: the board asks for new ones, keeps its settings, and is the same device', async (t) => {
  const { platform, board, id } = await start(t, firmware);
  await board.line(/listening for operations/);
  const before = id();
  await board.ask('set type acme_barn', /^kept/);
  const from = board.chip.lines.length;
  board.chip.type('reset credentials yes');
  await board.line(/^info: asking for credentials/, from);
  await board.line(/listening for operations/, from);
  await board.ask('show', /^type=acme_barn \(this board\)/);
  t.is(id(), before);
  t.deepEqual(
    [...new Set(platform.breaches.map(({ rule }) => rule))],
    ['credentials-twice'],
    'as a person has asked for',
  );
});

withWifi('Improv: a page sets the Wi-Fi of a board, whose platform gets measurements then', async (t) => {
  const { platform, board, server, id } = await start(t, firmware, { config: { wifiName: '' } });
  await board.line(/^error: wifiName: not set/);
  const client = improvClient(board.port);
  t.teardown(() => client.close());
  // Its clock is not stopped when the board has answered, and keeps this process alive.
  await client.initialize(120_000);
  t.regex(await improvRefusal(client.provision('Nowhere', '', PATIENCE_MS)), /connect/i);
  await client.provision(WIFI_NAME, '', PATIENCE_MS);
  t.is(client.state, PROVISIONED);
  t.is(client.nextUrl, asSeen(server.url));
  await board.line(/listening for operations/);
  await until(() => measurementsOf(platform, id()).length > 0, 'no measurements', PATIENCE_MS);
  t.deepEqual(platform.breaches, []);
});

withWifi('SNTP: the time is known before there is a platform', async (t) => {
  const time = await startNtpServer((request) => ntpAnswer(request, Date.UTC(2050, 0, 1)));
  t.teardown(() => time.close());
  const { board } = await start(t, firmware, {
    config: { url: `http://${HOST_ADDRESS}:9`, ntpServers: asSeen(time.name) },
  });
  await board.line(/SNTP: the time is known/);
  t.regex(board.chip.lines[(await board.ask('status', /^time +/)) - 1] ?? '', /2050-01-01T00:0/);
});

const withNames = testWith(qemu.hasWifi ? missingNames : 'this QEMU has no Wi-Fi', test.serial);

withNames('a name with two addresses, of which the first does not answer', async (t) => {
  const name = 'platform.test';
  const runner = await startNames(t, { [name]: ['192.168.4.77', HOST_ADDRESS] });
  const { platform, board } = await start(t, firmware, { runner, name, config: { allowPlain: 'yes' } });
  await board.line(/listening for operations/);
  t.deepEqual(platform.breaches, []);
});
