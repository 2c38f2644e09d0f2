// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Target } from '../../../hal/hal.ts';
import { createNodeHal } from '../../../hal/node/node.ts';
import { createAuthority, createServerCertificate } from '../../../tools/platform/certificates.ts';

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
