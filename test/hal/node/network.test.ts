// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Target } from '../../../hal/hal.ts';
import { createNodeHal } from '../../../hal/node/node.ts';
import { createAuthority, createServerCertificate } from '../../../tools/platform/certificates.ts';
import { within } from '../../support/until.ts';

function lookupOf(...addresses: string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: 4 }));
  return (_host, _options, callback) => setImmediate(callback, null, found);
}

/** 'open', or why it is not. */
function attempt(t: ExecutionContext, target: Target, lookup: LookupFunction, ca?: string): Promise<string> {
  const resources = ca === undefined ? {} : { ca: Buffer.from(ca) };
  const hal = createNodeHal({ lookup, resources });
  t.teardown(() => hal.close());
  return new Promise((resolve) => {
    hal.network.connect(target, {
      onOpen: () => resolve('open'),
      onReadable: () => undefined,
      onWritable: () => undefined,
      onEnd: () => resolve('end'),
      onError: (kind, detail) => resolve(`${kind}: ${detail}`),
    });
  });
}

test('RFC 6066 §3: the dot at the end of a name is for the resolver alone', async (t) => {
  const authority = await createAuthority('Trusted');
  const { chain, privateKey } = await createServerCertificate(authority, { names: ['tenant.test'] });
  const asked: string[] = [];
  const server = createTlsServer({
    key: privateKey,
    cert: chain,
    SNICallback: (name, done) => {
      asked.push(name);
      done(null);
    },
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const resolved: string[] = [];
  const lookup: LookupFunction = (host, options, callback) => {
    resolved.push(host);
    lookupOf('127.0.0.1')(host, options, callback);
  };
  const target = { host: 'tenant.test.', port, tls: { ca: 'ca' } };
  t.is(await attempt(t, target, lookup, authority.certificate), 'open');
  t.deepEqual(asked, ['tenant.test']);
  t.deepEqual(resolved, ['tenant.test.']);
});

/** Listens on 127.0.0.1 and takes two connections and no more until it is told to: the next one is taken a second later. */
async function startBusyServer(t: ExecutionContext) {
  const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port);
  });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
  });
  const [line] = (await within(once(child.stdout, 'data'), 'no port of the busy server')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  for (let i = 0; i < 2; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await within(once(socket, 'connect'), 'the busy server takes no connection');
  }
  return { port, relieve: () => child.kill('SIGCONT') };
}

const testOnLinux = process.platform === 'linux' ? test : test.skip;

testOnLinux(
  'RFC 8305 §5: the next address is tried beside one that does not answer, and the other way round',
  async (t) => {
    const silent = await startBusyServer(t);
    const server = createServer().listen(silent.port, '127.0.0.2');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    for (const addresses of [
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.3', '127.0.0.1', '127.0.0.2'],
    ]) {
      const opened = attempt(t, { host: 'two.test', port: silent.port }, lookupOf(...addresses));
      // One after the other it would take five seconds.
      t.is(await within(opened, `no connection to ${addresses}`, 4500), 'open');
    }
    t.is(sockets.length, 3);
  },
);

testOnLinux('RFC 8305 §5: a slow address is not given up for one that is dead', async (t) => {
  const server = await startBusyServer(t);
  const opened = attempt(t, { host: 'two.test', port: server.port }, lookupOf('127.0.0.1', '127.0.0.2'));
  // By then 250 ms are over, and the kernel has not asked again.
  setTimeout(server.relieve, 600);
  t.is(await opened, 'open');
});
