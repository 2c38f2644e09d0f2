// SPDX-License-Identifier: Apache-2.0
/** What a server is called besides its own address: a proxy in front, an address of another network. */

import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { createCertificates } from '../../../../tools/platform/server.ts';
import { Desk } from '../desk.ts';
import { objects } from '../scene.ts';

/** The server of a desk is http://platform.test:8080. */
const hosts = ['192.168.4.2', 'https://iot.example', 'behind.example:9000', '[fe80::1]'];
const named: readonly [string, string | undefined][] = [
  ['platform.test:8080', 'http://platform.test:8080'],
  ['192.168.4.2:8080', 'http://192.168.4.2:8080'],
  ['192.168.4.2', 'http://192.168.4.2'],
  ['iot.example', 'https://iot.example'],
  ['IoT.Example', 'https://IoT.Example'],
  ['behind.example:9000', 'http://behind.example:9000'],
  ['[fe80::1]:8080', 'http://[fe80::1]:8080'],
  ['192.168.4.2:8081', undefined],
  ['behind.example', undefined],
  ['behind.example:8080', undefined],
  ['iot.example.evil', undefined],
  ['platform.test', undefined],
];
for (const [host, base] of named) {
  test(`Host: ${host} is ${base === undefined ? 'somebody else' : 'this server'}`, (t) => {
    const desk = new Desk();
    const { user, id } = desk.device('d1');
    desk.platform.settings.hosts = hosts;
    const read = desk.send('GET', `${objects}/${id}`, { as: user, headers: { host } });
    t.deepEqual(desk.broken, base === undefined ? ['host'] : []);
    t.is(read.json['self'], `${base ?? `http://${host}`}${objects}/${id}`);
  });
}

test('without the setting they are nobody', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('GET', `${objects}/${id}`, { as: user, headers: { host: '192.168.4.2:8080' } });
  t.deepEqual(desk.broken, ['host']);
});

test('the certificate has their names and addresses, too', async (t) => {
  const { server } = await createCertificates(hosts);
  const { subjectAltName = '' } = new X509Certificate(server.certificate);
  t.deepEqual(subjectAltName.split(', ').sort(), [
    'DNS:behind.example',
    'DNS:iot.example',
    'DNS:localhost',
    'IP Address:0:0:0:0:0:0:0:1',
    'IP Address:127.0.0.1',
    'IP Address:192.168.4.2',
    'IP Address:FE80:0:0:0:0:0:0:1',
  ]);
});
