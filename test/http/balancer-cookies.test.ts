// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Life } from '../hostile/life.ts';
import { distort } from '../hostile/reference.ts';

const handshake = 'POST /notification/operations handshake';

function live(...cookies: readonly string[]): Life {
  const life = new Life();
  const fields = cookies.map((cookie) => `\r\nSet-Cookie: ${cookie}; Path=/`).join('');
  distort(life, handshake, 1, (answer) =>
    Buffer.from(answer.toString('latin1').replace('\r\n\r\n', `${fields}\r\n\r\n`), 'latin1'),
  );
  life.live('work');
  return life;
}

test('cookies of load balancers fit and are sent back', (t) => {
  const sticky = ['AWSALB', 'AWSALBCORS', 'lb', 'route'].map((name) => `${name}=${'x'.repeat(128)}`);
  const { world } = live(`JSESSIONID=node0${'y'.repeat(40)}`, ...sticky);
  const connect = world.exchanges.find(({ body }) => body.includes('/meta/connect'));
  for (const cookie of sticky) t.true(connect?.headers['cookie']?.includes(cookie), cookie);
  t.deepEqual(
    world.device.lines.filter((line) => line.includes('cookie')),
    [],
  );
});

test('a cookie that does not fit is left out and logged once', (t) => {
  const { world } = live('small=1', `large=${'x'.repeat(3000)}`, `larger=${'x'.repeat(4000)}`);
  const connect = world.exchanges.find(({ body }) => body.includes('/meta/connect'));
  t.is(connect?.headers['cookie'], 'small=1');
  t.is(world.device.lines.filter((line) => /^warn: a cookie is left out/.test(line)).length, 1);
});
