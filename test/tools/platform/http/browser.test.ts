// SPDX-License-Identifier: Apache-2.0
/** Browsers of a developer's machine: they get the desk, and no other site's page reaches what is below /emulator/. */

import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../../tools/platform/server.ts';

const page = new Map([['index.html', { type: 'text/html', bytes: Buffer.from('<title>desk</title>') }]]);

async function start(t: ExecutionContext) {
  const platform = new Platform(machineOptions());
  const server = await startServer({ platform, page });
  t.teardown(() => server.close());
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; text: string; policy: string }>((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const sent = request({ hostname, port, path, method, headers }, (answer) => {
        let text = '';
        answer.on('data', (piece) => {
          text += piece;
        });
        answer.on('end', () => {
          const policy = String(answer.headers['content-security-policy'] ?? '');
          resolve({ status: answer.statusCode ?? 0, text, policy });
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  return { platform, ask };
}

test('a browser that asks for HTML gets the page, and breaks no rule; everybody else gets the platform', async (t) => {
  const { platform, ask } = await start(t);
  const { status, text, policy } = await ask('/', { accept: 'text/html,*/*' });
  t.is(status, 200);
  t.is(text, '<title>desk</title>');
  t.regex(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
  t.is((await ask('/inventory/managedObjects', { accept: 'text/html', 'sec-fetch-dest': 'document' })).status, 404);
  t.is((await ask('/favicon.ico', { accept: 'image/png', 'sec-fetch-dest': 'image' })).status, 404);
  t.is((await ask('/no-such.js', { 'sec-fetch-dest': 'script' })).status, 404);
  t.deepEqual(platform.breaches, []);
  t.is(platform.requests.length, 0);
  t.is((await ask('/inventory/managedObjects', { accept: 'application/json' })).status, 401);
  t.is((await ask('/', { accept: 'text/html', authorization: 'Basic eA==' })).status, 401);
});

test('a name that leads here by a trick gets nothing', async (t) => {
  const { ask } = await start(t);
  t.is((await ask('/', { accept: 'text/html', host: 'evil.example' })).status, 403);
  t.is((await ask('/emulator/login', { host: 'evil.example' })).status, 403);
  t.is((await ask('/emulator/stream', { host: 'evil.example:80' })).status, 403);
  t.is((await ask('/emulator/settings', { host: 'localhost:1' })).status, 403);
  t.is((await ask('/emulator/settings')).status, 200);
});

test('a page of another site changes and reads nothing; programs and the desk do', async (t) => {
  const { platform, ask } = await start(t);
  platform.order({ kind: 'dropBefore' });
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ] as Record<string, string>[]) {
    t.is((await ask('/emulator/faults', headers, 'DELETE')).status, 403, JSON.stringify(headers));
    t.is((await ask('/emulator/login', headers)).status, 403, JSON.stringify(headers));
  }
  t.is(platform.faults.length, 1);
  t.is((await ask('/emulator/faults', { 'sec-fetch-site': 'same-origin' }, 'DELETE')).status, 204);
  t.is((await ask('/emulator/faults', {}, 'DELETE')).status, 204);
});
