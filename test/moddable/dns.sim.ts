// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import { findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { addressRecords, alias, dnsAnswer, RCODES, startNameServer } from '../support/name-server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, buildFirmware, Screen, writeData } from './bench.ts';

const NAME = 'platform.test';
const DEVICE = 'simulated';
const PATIENCE_MS = 60_000;
/** The platform listens at the second. */
const ADDRESSES = ['127.0.0.2', '127.0.0.1'];

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const server = await createServerCertificate(authority, { names: [NAME], addresses: [] });
const certificates = { authority: authority.certificate, server };
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  writeData('agent', { 'ca.pem': authority.certificate });
  library = await buildFirmware('dns', { project: fileURLToPath(new URL('agent', import.meta.url)) });
});

type Answer = (request: Uint8Array) => readonly Uint8Array[];

const addresses =
  (ttl: number): Answer =>
  (request) => [dnsAnswer(request, addressRecords(NAME, ADDRESSES, ttl))];

const nobody: Answer = () => [];

/** What is no answer to the question, then one that is, by way of an alias. */
const hostile: Answer = (request) => {
  const lie = dnsAnswer(request, addressRecords(NAME, ['127.0.0.3']));
  const otherIdentity = lie.slice();
  otherIdentity[0] = (otherIdentity[0] ?? 0) ^ 0x80;
  const otherName = lie.slice();
  otherName[13] = 'q'.charCodeAt(0);
  const endless = lie.slice();
  // The name of the record points to itself.
  endless.set([0xc0, request.length], request.length);
  const long = new Uint8Array(1400);
  long.set(lie);
  const cut = lie.subarray(0, lie.length - 1);
  const question = request.slice();
  const right = dnsAnswer(request, [
    ...addressRecords('elsewhere.test', ['127.0.0.3']),
    alias(NAME.toUpperCase(), 'real.test'),
    ...addressRecords('real.test', ADDRESSES, 3600),
  ]);
  return [new Uint8Array(0), question, otherIdentity, otherName, endless, long, cut, right];
};

/** A board whose network has one DNS server, which can be told what to say, and a platform that is known by its name. */
async function start(t: ExecutionContext, answer: Answer, before = async (_port: number) => {}) {
  const dns = { answer };
  const nameServer = await startNameServer((request) => dns.answer(request));
  t.teardown(() => nameServer.close());
  const platform = new Platform(machineOptions({ accept: true }));
  let running = await startServer({ platform, tls: true, certificates });
  t.teardown(() => running.close());
  const url = new URL(running.url);
  url.hostname = NAME;
  const board = new Board({
    screen,
    library,
    nameServers: [nameServer.addressAndPort],
    config: {
      url: url.origin,
      deviceId: DEVICE,
      ...bootstrapConfig(platform),
      ca: 'ca.pem',
      measurementInterval: '2',
    },
  });
  t.teardown(() => board.simulator.stop());
  await before(Number(url.port));
  board.simulator.start();
  const restartPlatform = async () => {
    await running.close();
    running = await startServer({ platform, tls: true, certificates, port: Number(url.port) });
  };
  return { dns, names: nameServer.names, platform, board, restartPlatform };
}

test.serial('the second address of a name; one question for all connections while the answer holds', async (t) => {
  const { names, platform, board, restartPlatform } = await start(t, addresses(3600));
  await board.line(/listening for operations/);
  await restartPlatform();
  const id = findDevice(platform, DEVICE)?.id ?? '';
  const { length } = measurementsOf(platform, id);
  await until(() => measurementsOf(platform, id).length >= length + 2, 'no measurements', PATIENCE_MS);
  t.true(names.every((name) => name === NAME));
  // A second one where a connection was tried while the platform was away.
  t.true(names.length <= 3, String(names.length));
  t.is(board.simulator.restarts, 0);
});

test.serial(
  'a server that TLS refuses at the first address is told of, and keeps nobody from the second',
  async (t) => {
    const wrong = await createServerCertificate(authority, { names: ['elsewhere.test'], addresses: [] });
    const { platform, board } = await start(t, addresses(3600), async (port) => {
      const impostor = createServer({ cert: wrong.chain, key: wrong.privateKey });
      t.teardown(() => impostor.close());
      impostor.listen(port, ADDRESSES[0]);
      await once(impostor, 'listening');
    });
    await board.line(/listening for operations/);
    t.true(board.simulator.lines.some((line) => line.includes('for another name')));
    t.not(findDevice(platform, DEVICE), undefined);
  },
);

test.serial('what answers something else is passed over, and aliases are followed', async (t) => {
  const { board, names } = await start(t, hostile);
  await board.line(/listening for operations/);
  t.is(names.length, 1);
});

test.serial('a DNS server that falls silent: the addresses of last time do', async (t) => {
  const { dns, names, platform, board, restartPlatform } = await start(t, addresses(1));
  await board.line(/listening for operations/);
  dns.answer = nobody;
  const asked = names.length;
  // Until no answer holds any more.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await restartPlatform();
  const id = findDevice(platform, DEVICE)?.id ?? '';
  const { length } = measurementsOf(platform, id);
  await until(() => measurementsOf(platform, id).length >= length + 2, 'no measurements', 2 * PATIENCE_MS);
  t.true(names.length >= asked + 4, 'it was asked, and asked again');
});

test.serial('connect --test tells a name that is not there from a DNS server that says nothing', async (t) => {
  const { dns, names, board } = await start(t, (request) => [dnsAnswer(request, [], { rcode: RCODES.nameError })]);
  board.simulator.type('connect --test');
  await board.line(/^(> )?DNS +failed +.*there is no address of platform\.test/);
  dns.answer = nobody;
  board.simulator.type('connect --test');
  await board.line(/^(> )?DNS +failed +.*no DNS server tells the address of platform\.test/);
  t.true(names.length >= 5);
});
