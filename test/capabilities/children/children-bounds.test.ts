// SPDX-License-Identifier: Apache-2.0
/** Files for a child that are longer than it takes. */

import test from 'ava';
import { FileServer } from '../../transfers/file-server.ts';
import { createScene, operate } from './children-scene.ts';

const HOST = 'files.example';
const URL = `https://${HOST}/plc.bin`;
const CONTENT = Buffer.alloc(6000, 7);
const DEFAULT_MAX_BYTES = 16_777_216;

const WISHES = {
  software: { c8y_SoftwareUpdate: [{ name: 'plc', version: '2', url: URL, action: 'install' }] },
  firmware: { c8y_Firmware: { name: 'plc', version: '2', url: URL } },
};

for (const [what, wish] of Object.entries(WISHES)) {
  test(`a ${what} without an announced length ends at the limit of its driver`, (t) => {
    const { world, controller } = createScene(t);
    const server = new FileServer(world.network, HOST, CONTENT);
    server.always = () => ({
      bytes: `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${CONTENT.toString('latin1')}`,
      ending: 'end',
    });
    controller.maxBytes = 5000;
    const operation = operate(world, wish);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', /the file has more than 5000 bytes$/);
    t.true(controller.taken > 0 && controller.taken <= 5000, `${controller.taken}`);
    t.is(controller.aborted, 1);
    t.is(server.requests.length, 1, 'it is not asked for again');
    controller.maxBytes = CONTENT.length;
    t.is(operate(world, wish).status, 'SUCCESSFUL', 'just as long as it may be');
  });

  test(`a ${what} whose announced length is beyond the limit, by default 16 MiB, is not begun`, (t) => {
    const { world, controller } = createScene(t);
    const server = new FileServer(world.network, HOST, CONTENT);
    const announced = (bytes: number) => () => ({
      bytes: FileServer.answer(200, { 'Content-Length': bytes }, CONTENT),
    });
    server.always = announced(DEFAULT_MAX_BYTES + 1);
    const operation = operate(world, wish);
    t.regex(operation.failureReason ?? '', /the file has more than 16777216 bytes$/);
    controller.maxBytes = 5000;
    server.always = announced(CONTENT.length);
    t.regex(operate(world, wish).failureReason ?? '', /the file has more than 5000 bytes$/);
    t.is(controller.taken, 0);
  });
}
