// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ANCHORS_FILE } from '../../hal/esp32/tls/anchors.ts';
import { anchorsOf } from '../../tools/moddable/trust.ts';
import { type Chain, makeChains } from '../hal/esp32/tls/chains.ts';
import { serveImpostor, twice } from '../hal/esp32/tls/impostor.ts';
import { portOf, refereeVerdict, serve } from '../hal/esp32/tls/referee.ts';
import { Board, buildFirmware, buildTestModules, Screen, writeData } from './bench.ts';

const screen = await Screen.open();
const chains = await makeChains();
const servers: Server[] = [];
for (const chain of chains) servers.push(await serve(chain));

/** Servers that show a good chain, which is not theirs but of the first one of these. */
const { chain, privateKey, host } = chains[0] as Chain;
const IMPOSTORS = [
  {
    name: 'the key of the certificate has signed the exchange of keys',
    verdict: 'good',
    privateKey,
    alert: 'encrypted',
  },
  { name: 'nobody has signed it', verdict: 'tls-untrusted', alert: '2,47' },
  { name: 'another key has signed it', verdict: 'tls-alert', privateKey: chains[1]?.privateKey ?? '', alert: '2,51' },
  {
    name: 'a second one follows, which nobody has signed',
    verdict: 'tls-alert',
    privateKey,
    flight: twice,
    alert: '2,10',
  },
];
const impostors: Awaited<ReturnType<typeof serveImpostor>>[] = [];
for (const impostor of IMPOSTORS) impostors.push(await serveImpostor({ ...impostor, chain }));

/** Takes connections and says nothing. */
const mute = createServer((socket) => socket.on('error', () => {}).resume());
mute.listen(0, '127.0.0.1');
await once(mute, 'listening');

test.after.always(() => {
  screen.close();
  mute.close();
  for (const server of servers) server.close();
  for (const { server } of impostors) server.close();
});

/** For which there is no CA that is configured: the firmware has that of the first chain, as the build puts it there. */
const BUILT_IN = [
  { name: 'a CA of the firmware', verdict: 'good', chain: chains[0] as Chain },
  {
    name: 'another CA, of the same name as that of the firmware',
    verdict: 'tls-untrusted',
    chain: chains.find(({ name }) => name === 'another CA of the same name') as Chain,
  },
];

const verdicts: string[] = [];
const turns: string[] = [];

test.before(async () => {
  await buildTestModules({ 'chains-main': 'test/moddable/chains/main.ts' });
  writeData('chains', {
    ...Object.fromEntries(chains.map(({ ca }, at) => [`ca-${at}`, ca])),
    [ANCHORS_FILE]: Buffer.concat(anchorsOf(BUILT_IN[0]?.chain.ca ?? '', 'ca')),
  });
  const library = await buildFirmware('chains', { project: fileURLToPath(new URL('chains', import.meta.url)) });
  const list = chains.map(({ host }, at) => ({ host, port: portOf(servers[at] as Server), ca: `ca-${at}` }));
  for (const { port } of impostors) list.push({ host, port, ca: 'ca-0' });
  for (const { chain } of BUILT_IN) {
    list.push({ host: chain.host, port: portOf(servers[chains.indexOf(chain)] as Server), ca: '' });
  }
  const board = new Board({ screen, library, config: { servers: JSON.stringify(list), mute: String(portOf(mute)) } });
  board.simulator.start();
  try {
    await board.line(/^chains: done/, 120_000);
  } finally {
    await board.simulator.stop();
    for (const line of board.simulator.lines) {
      const [, at, verdict] = /^chain (\d+): (.*)$/.exec(line) ?? [];
      if (at !== undefined && verdict !== undefined) verdicts[Number(at)] = verdict;
      if (line.startsWith('turn ')) turns.push(line.slice(5));
    }
  }
});

for (const [at, chain] of chains.entries()) {
  test.serial(`${chain.verdict}: ${chain.name}`, async (t) => {
    const [kind] = verdicts[at]?.split(':') ?? [];
    t.is(kind, chain.verdict, verdicts[at] ?? 'not judged');
    const referee = await refereeVerdict(chain, portOf(servers[at] as Server));
    t.is(referee, chain.stricter === undefined ? chain.verdict : 'good', 'what OpenSSL says');
  });
}

for (const [at, { name, verdict, alert }] of IMPOSTORS.entries()) {
  test.serial(`${verdict}: ${name}; it is told`, (t) => {
    t.deepEqual(impostors[at]?.alerts, [alert]);
    const line = verdicts[chains.length + at] ?? 'not judged';
    t.is(line.split(':')[0], verdict, line);
    t.log(line);
  });
}

for (const [at, { name, verdict }] of BUILT_IN.entries()) {
  test.serial(`${verdict}: ${name}`, (t) => {
    const line = verdicts[chains.length + impostors.length + at] ?? 'not judged';
    t.is(line.split(':')[0], verdict, line);
  });
}

test.serial(
  'one handshake at a time: the others wait for one that never ends, and no longer than its deadline',
  (t) => {
    t.deepEqual(turns, ['mute timeout: TLS is not up after 45 s', 'second good', 'third good', 'after close: good']);
  },
);
