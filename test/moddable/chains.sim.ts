import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { makeChains } from '../hal/esp32/chains.ts';
import { portOf, refereeVerdict, serve } from '../hal/esp32/referee.ts';
import { Board, buildFirmware, buildTestModules, Screen } from './bench.ts';

const screen = await Screen.open();
const chains = await makeChains();
const servers: Server[] = [];
for (const chain of chains) servers.push(await serve(chain));
test.after.always(() => {
  screen.close();
  for (const server of servers) server.close();
});

const verdicts: string[] = [];

test.before(async () => {
  await buildTestModules({ 'chains-main': 'test/moddable/chains/main.ts' });
  const data = path.join(ROOT, 'build', 'moddable-test', 'chains-data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  chains.forEach(({ ca }, at) => {
    writeFileSync(path.join(data, `ca-${at}`), ca);
  });
  const library = await buildFirmware('chains', { project: fileURLToPath(new URL('chains', import.meta.url)) });
  const list = chains.map(({ host }, at) => ({ host, port: portOf(servers[at] as Server), ca: `ca-${at}` }));
  const board = new Board({ screen, library, config: { servers: JSON.stringify(list) } });
  board.simulator.start();
  try {
    await board.line(/^chains: done/, 120_000);
  } finally {
    await board.simulator.stop();
    for (const line of board.simulator.lines) {
      const [, at, verdict] = /^chain (\d+): (.*)$/.exec(line) ?? [];
      if (at !== undefined && verdict !== undefined) verdicts[Number(at)] = verdict;
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
