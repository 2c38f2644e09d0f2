// SPDX-License-Identifier: Apache-2.0
/** What commands make of a tenant that is not to be trusted, because devices choose most of what it says. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { DeviceProcess, FRACTUS } from '../../support/device-process.ts';

type Answer = (response: ServerResponse, path: string) => void;

/** What clears a terminal, sets its title, and writes over a line. */
const EVIL = '\u001b[2J\u001b]0;owned\u0007\rover\u009b1m';
/** What steers a terminal; the lines of an answer stay lines. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** A tenant with this answer to everything, and how an operator of it runs a command. */
async function start(t: ExecutionContext, answer: Answer) {
  const server = createServer((request, response) => {
    request.resume();
    answer(response, request.url ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (...args: string[]) => {
    const env = { C8Y_BASEURL: url, C8Y_TENANT: 't1', C8Y_USER: 'me', C8Y_PASSWORD: 'secret' };
    const child = new DeviceProcess(t, { command: FRACTUS, args, env });
    return { code: await child.exit(), output: child.output };
  };
}

function json(document: unknown): Answer {
  return (response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
}

const DEVICE = {
  ...{ managedObject: { id: '7' }, id: '7', name: `Evil${EVIL}`, type: EVIL },
  c8y_SupportedOperations: ['c8y_Command', 'c8y_Relay', EVIL, 7, null],
};

test('no name, result or reason of a device steers the terminal of an operator', async (t) => {
  const successful = { status: 'SUCCESSFUL', c8y_Command: { result: `one\r\n\ttwo${EVIL}` } };
  const run = await start(t, json({ ...DEVICE, ...successful, managedObjects: [], externalIds: [] }));
  const told = await run('operate', 'b1', 'command', 'text=x');
  t.is(told.code, 0, told.output);
  t.regex(told.output, /one\n\ttwo\?\[2J/);
  const failing = await start(t, json({ ...DEVICE, status: 'FAILED', failureReason: `why${EVIL}` }));
  const failed = await failing('operate', 'b1', 'command', 'text=x');
  t.regex(failed.output, /why\?\[2J/);
  const refusing = await start(t, (response) => {
    response.statusCode = 403;
    response.end(JSON.stringify({ message: `no${EVIL}${'x'.repeat(5000)}` }));
  });
  const refused = await refusing('operate', 'b1');
  t.regex(refused.output, /HTTP 403, no\?\[2J/);
  t.true(refused.output.length < 600);
  const listed = await run('operate', 'b1');
  t.regex(listed.output, /Evil\?\[2J.* \(7\) supports:\n {2}c8y_Command/);
  const remote = await run('remote', 'b1', 'plc:22');
  t.regex(remote.output, /Evil\?\[2J.* does not support/);
  const certified = await run('certify', 'b1');
  t.regex(certified.output, /Evil\?\[2J/);
  for (const { output } of [told, failed, refused, listed, remote, certified]) t.notRegex(output, STEERING);
});

test('neither do the types of files that a device declares, nor a place where it says that a file is', async (t) => {
  const types = { c8y_SupportedConfigurations: [`net${EVIL}`], c8y_SupportedOperations: ['c8y_UploadConfigFile'] };
  const run = await start(t, json({ ...DEVICE, ...types, status: 'SUCCESSFUL', events: [] }));
  const listed = await run('operate', 'b1');
  t.regex(listed.output, /c8y_UploadConfigFile type=net\?\[2J/);
  const missing = await run('operate', 'b1', 'UploadConfigFile', `type=net`);
  t.regex(missing.output, /there is no event of type net/);
  const elsewhere = await start(
    t,
    json({ ...DEVICE, ...types, status: 'SUCCESSFUL', c8y_UploadConfigFile: { file: `https://a.test/${EVIL}` } }),
  );
  const found = await elsewhere('operate', 'b1', 'UploadConfigFile', 'type=net');
  t.regex(found.output, /the result is at https:\/\/a\.test\/\?\[2J/);
  for (const { output } of [listed, missing, found]) t.notRegex(output, STEERING);
});

test('an answer without an end ends the command', async (t) => {
  const run = await start(t, (response) => {
    const more = () => {
      while (response.write(' '.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const { code, output } = await run('operate', 'b1');
  t.is(code, 1);
  t.regex(output, /the answer is longer than 16 MB\n$/);
});

test('a document of another form is not that of a device', async (t) => {
  for (const managedObject of [{ id: { a: 1 } }, { id: '../x' }, 7, null]) {
    const run = await start(t, json({ managedObject }));
    const { code, output } = await run('operate', 'b1', 'command', 'text=x');
    t.is(code, 1);
    t.is(output, 'fractus operate: there is no device "b1"\n');
  }
});

test('nothing that a shell would execute is offered for completion', async (t) => {
  const ids = ['barn-1', 'ä:7', '$(reboot)', 'a;b', '`x`', "a'b", 'a b', `x${EVIL}`];
  const run = await start(t, (response, path) => {
    const externalIds = ids.map((externalId) => ({ type: 'c8y_Serial', externalId }));
    json(path.includes('externalIds') ? { externalIds } : { managedObjects: [{ id: '7' }] })(response, path);
  });
  const { output } = await run('completion', '--', 'operate', '');
  t.deepEqual(output.trim().split('\n').sort(), ['barn-1', 'ä:7']);
});
