// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import { app, capabilities } from '../../examples/door/app.ts';

test('the log names the person who has opened the door, also after a power cut', (t) => {
  const world = new World({ app, capabilities, machine: { nor: {} } });
  world.connect();
  world.operate({ acme_Door: { badge: 'anna' } });
  world.operate({ acme_Door: {} });
  world.device.reboot();
  world.run(60_000);
  const operation = world.operate({
    c8y_LogfileRequest: { logFile: 'agent', searchText: 'the door', maximumLines: 10 },
  });
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  const [event] = world.events.slice(-1);
  const log = Buffer.from(event?.binary?.bytes ?? []).toString();
  t.regex(
    log,
    /^# agent: 2 lines\n\S+Z info {2}the door opens for anna\n\S+Z warn {2}the door stays shut: nobody has said who wants in\n$/,
  );
  world.finish();
});
