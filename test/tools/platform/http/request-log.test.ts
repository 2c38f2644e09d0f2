// SPDX-License-Identifier: Apache-2.0
/** The request log holds heads and bodies, so that a document can be held against the wire; secrets are masked. */

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { setTenantOption } from '../../../../tools/platform/operator.ts';
import { Desk } from '../desk.ts';
import { event, objects } from '../scene.ts';

interface Line {
  readonly path: string;
  readonly request?: { readonly headers: Record<string, string>; readonly body: string };
  readonly response?: { readonly headers: Record<string, string>; readonly body: string };
}

function lines(desk: Desk): Line[] {
  return desk.send('GET', '/emulator/requests', { as: 'none' }).json['requests'] as unknown as Line[];
}

test('a request is there as it came, and its answer as it went', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const body = event(id, { x: 'é' });
  const answer = desk.send('POST', '/event/events', { as: user, body });
  const last = lines(desk).at(-1);
  t.deepEqual(JSON.parse(last?.request?.body ?? ''), body);
  t.is(last?.request?.headers['content-type'], 'application/vnd.com.nsn.cumulocity.event+json');
  t.is(last?.request?.headers['authorization'], 'Basic ***');
  t.deepEqual(last?.response, { headers: { ...answer.headers }, body: answer.text });
});

test('pieces of a held poll are put together, a cut answer has what was sent', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  desk.platform.settings.heartbeatMs = 1000;
  const held = desk.connect(device.user, clientId);
  desk.time.advance(2500);
  desk.operation(device.id);
  t.is(desk.platform.requests.at(-2)?.response?.body, held.text);
  t.true(held.text.startsWith('  ['));
  desk.platform.order({ kind: 'truncate', bytes: 7 });
  desk.send('GET', `${objects}/${device.id}`, { as: device.user });
  t.is(desk.platform.requests.at(-1)?.response?.body.length, 7);
});

test('secrets are masked wherever they are: headers, documents, texts of configuration', (t) => {
  const desk = new Desk({ accept: true });
  desk.platform.settings.cookie = true;
  const ask = () =>
    desk.send('POST', '/devicecontrol/deviceCredentials', {
      as: 'bootstrap',
      body: { id: 'd9', securityToken: 'sesame-1' },
    });
  ask();
  const { password } = ask().json;
  const device = desk.device('d1');
  desk.listen(device, { ext: { token: 'sesame-2' } });
  desk.operation(device.id, { c8y_Network: { c8y_WAN: { password: 'sesame "3"' } } });
  desk.operation(device.id, { c8y_Configuration: { config: 'url=x\nwifiPassword=sesame-4 and-5\n a = 1' } });
  desk.send('PUT', '/user/t1000/users/device_d1', { body: { password: 'sesame-6' } });
  setTenantOption(desk.platform, 'x', 'y', 'z');
  const text = JSON.stringify(lines(desk));
  t.false(text.includes(String(password)));
  for (const secret of ['sesame', 'and-5', 'device-password', 'operator-password', btoa('t1000/operator')]) {
    t.false(text.includes(secret), secret);
  }
  for (const { user, password: own } of [{ user: 'd1', password: 'device-password' }]) {
    t.false(text.includes(btoa(`t1000/device_${user}:${own}`)));
  }
  t.true(text.includes('url=x'), 'the rest stays');
  t.regex(text, /BAYEUX_BROWSER=\*\*\*/);
});

test('bodies are kept up to a size and a number, lines for longer', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const text = 'x'.repeat(40_000);
  desk.send('POST', '/event/events', { as: user, body: event(id, { text }) });
  const first = desk.platform.requests.at(-1);
  t.is(first?.request?.body.length, 16_384);
  t.true((first?.response?.body.length ?? 0) <= 16_384);
  for (let n = 0; n < 1000; n++) desk.send('GET', `${objects}/${id}`, { as: user });
  t.is(first?.request, undefined);
  t.is(first?.response, undefined);
  t.is(first?.status, 201);
  t.is(lines(desk).length, 1004);
  t.deepEqual(
    lines(desk).flatMap(({ request }, index) => (request === undefined ? [index] : [])),
    [0, 1, 2, 3],
  );
  desk.send('DELETE', '/emulator/requests', { as: 'none' });
  t.deepEqual(desk.send('GET', '/emulator/requests', { as: 'none' }).json as JsonObject, { requests: [] });
});
