// SPDX-License-Identifier: Apache-2.0

import { constants } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import {
  chainHeader,
  createAuthority,
  createDeviceCertificate,
  type Identity,
} from '../../../../tools/platform/certificates.ts';
import { trustAuthority } from '../../../../tools/platform/operator.ts';
import { createCertificates, type RunningServer } from '../../../../tools/platform/server.ts';
import { until, within } from '../../../support/until.ts';
import { send, start } from './wire.ts';

test('mutual TLS: tokens for good chains only, and the token is good for the API', async (t) => {
  const certificates = await createCertificates();
  const server = await start(t, { tls: true, certificates });
  const root = await createAuthority('Root');
  const middle = await createAuthority('Middle', { issuer: root, key: 'EC' });
  const direct = await createDeviceCertificate(root, 'd1');
  const below = await createDeviceCertificate(middle, 'd2', { key: 'EC' });
  trustAuthority(server.platform, root.certificate);
  const ask = (identity: Identity | undefined, headers: Record<string, string> = {}) =>
    send(`${server.tokenUrl}/devicecontrol/deviceAccessToken`, {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      tls: { ca: certificates.authority, ...(identity === undefined ? {} : { identity }) },
    });
  const granted = await ask(direct);
  t.is(granted.status, 200);
  t.is((await ask(below)).status, 401, 'the intermediate is missing');
  t.is((await ask(below, { 'x-ssl-cert-chain': chainHeader(below.chain) })).status, 200);
  t.is((await ask(undefined)).status, 401);
  const { accessToken } = JSON.parse(granted.text) as { accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  const tls = { ca: certificates.authority };
  t.is((await send(`${server.url}/user/currentUser`, { headers, tls })).status, 200);
  t.is((await send(`${server.tokenUrl}/user/currentUser`, { headers, tls })).status, 404, 'not on this port');
  await t.throwsAsync(send(`${server.url}/user/currentUser`, { headers, tls: { ca: root.certificate } }));
});

test('with certificates alone the API stays plain and tokens are served', async (t) => {
  const server = await start(t, { certificates: await createCertificates() });
  t.regex(server.url, /^http:/);
  t.regex(server.tokenUrl ?? '', /^https:/);
  t.is((await start(t)).tokenUrl, undefined);
});

/** A connection over TLS 1.2 of a client without tickets, closed once it has its session. */
function takeSession(server: RunningServer, session?: Buffer): Promise<{ session: Buffer; resumed: boolean }> {
  const { hostname, port } = new URL(server.url);
  const taken = new Promise<{ session: Buffer; resumed: boolean }>((resolve, reject) => {
    const socket = connectTls({
      host: hostname,
      port: Number(port),
      ca: server.authority,
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(session === undefined ? {} : { session }),
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const resumed = socket.isSessionReused();
      const kept = socket.getSession();
      socket.end();
      if (kept === undefined) reject(new Error('no session'));
      else resolve({ session: kept, resumed });
    });
  });
  return within(taken, 'there is no session');
}

test('a TLS session can be taken up again by its id', async (t) => {
  const server = await start(t, { tls: true });
  const first = await takeSession(server);
  t.false(first.resumed);
  const second = await takeSession(server, first.session);
  t.true(second.resumed);
  await until(() => server.resumed > 0, 'the server has not seen it');
  t.is(server.resumed, 1);
});
