// SPDX-License-Identifier: Apache-2.0
/** A board over TLS for as long as `FRACTUS_SOAK_MINUTES` says: operations all the time, and now and then an outage. */

import test from 'ava';
import { HOST_ADDRESS } from '../../tools/moddable/qemu.ts';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import { measurementsOf } from '../../tools/platform/operator.ts';
import { startServer } from '../../tools/platform/server.ts';
import { testWith } from '../support/needs.ts';
import { buildImage, qemu } from './bench.ts';
import { start } from './scene.ts';

const minutes = Number(process.env['FRACTUS_SOAK_MINUTES'] ?? 0);
const missing = minutes > 0 ? undefined : 'FRACTUS_SOAK_MINUTES does not say how long it takes';
const withTime = testWith(qemu.hasWifi ? missing : 'this QEMU has no Wi-Fi', test.serial);

const PAUSE_MS = 30_000;
/** As in the scene. */
const INTERVAL_SECONDS = 2;
/** Measurements that have just been taken. */
const UNDER_WAY = 5;
/** Rounds between outages. */
const ROUNDS = 5;
const OUTAGE_MS = 10_000;

withTime('a board that is used: nothing fails, nothing grows, hardly a measurement is missing', async (t) => {
  t.timeout((minutes + 20) * 60_000);
  const authority = await createAuthority('Platform');
  const server = await createServerCertificate(authority, { addresses: ['127.0.0.1', HOST_ADDRESS] });
  const options = { tls: true, certificates: { authority: authority.certificate, server } };
  const config = { ca: 'ca' };
  const scene = await start(t, await buildImage(), { config, files: { ca: authority.certificate }, server: options });
  const { board, platform, id, ended } = scene;
  await board.line(/listening for operations/);
  const free: number[] = [];
  const looks: { readonly seconds: number; readonly count: number }[] = [];
  let running = scene.server;
  t.teardown(() => running.close());
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    t.is((await ended({ c8y_Command: { text: 'help' } })).status, 'SUCCESSFUL');
    const line = board.chip.lines[(await board.ask('status', /^memory +\d+ bytes free/)) - 1] ?? '';
    free.push(Number(/\d+/.exec(line)?.[0]));
    const started = board.chip.lines.filter((each) => /^start +number 1 after/.test(each)).at(-1) ?? '';
    looks.push({
      seconds: Number(/(\d+) s ago/.exec(started)?.[1]),
      count: measurementsOf(platform, id()).length,
    });
    t.log(`${line}; ${measurementsOf(platform, id()).length} measurements`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (free.length % ROUNDS !== 0) continue;
    const { port } = new URL(running.url);
    await running.close();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    running = await startServer({ ...options, platform, port: Number(port) });
  }
  t.is(board.chip.lines.filter((line) => /, start \d+ \(/.test(line)).length, 1);
  const third = Math.ceil(free.length / 3);
  // What is free while nothing is under way: a look may come in the middle of a connection.
  t.true(Math.max(...free.slice(-third)) >= Math.max(...free.slice(0, third)) - 1024, free.join());
  // By the chip's own clock: where others work, too, it is slower than its platform, and puts the time right.
  const [first = { seconds: 0, count: 0 }, last = first] = [looks[0], looks.at(-1)];
  const due = Math.floor((last.seconds - first.seconds) / INTERVAL_SECONDS);
  t.true(Math.abs(last.count - first.count - due) <= UNDER_WAY, `${last.count - first.count} of ${due} measurements`);
  t.deepEqual(platform.breaches, []);
});
