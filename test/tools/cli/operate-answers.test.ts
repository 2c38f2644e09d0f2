// SPDX-License-Identifier: Apache-2.0
/** What an operator is told about operations that wait, and about what a device declares and sends. */

import test, { type ExecutionContext } from 'ava';
import { answersOf } from '../../../tools/operate/answer.ts';
import { formFor } from '../../../tools/operate/declared.ts';
import { Tenant } from '../../../tools/operate/tenant.ts';
import { awaitEnd } from '../../../tools/operate/waiting.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { createObject, createOperation } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { formOf, usageOf } from '../../../tools/platform/stream/forms.ts';

/** A tenant with a device that nobody runs. */
async function start(t: ExecutionContext, fragments: JsonObject = {}) {
  const platform = new Platform(machineOptions({ operator: { user: 'admin', password: 'the-operator-password' } }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const { id } = createObject(platform, { c8y_IsDevice: {}, com_cumulocity_model_Agent: {}, ...fragments });
  const tenant = new Tenant(server.url, `${platform.core.tenant}/admin:the-operator-password`);
  const order = (what: JsonObject) => createOperation(platform, id, what);
  return { platform, tenant, id, order, device: await tenant.device(id) };
}

test('an operation that waits says for what', async (t) => {
  const { tenant, id, order } = await start(t);
  const wait = async (operation: ReturnType<typeof order>) => {
    const lines: string[] = [];
    const tell = (line: string) => void lines.push(line.trim());
    const created = await tenant.operation(operation.id);
    await awaitEnd(tenant, created, { deviceId: id, timeoutMs: 2500, patienceMs: 0, tell });
    return lines;
  };
  const help = order({ c8y_Command: { text: 'help' } });
  t.deepEqual(await wait(help), [
    '0 s  PENDING',
    'the device has not taken it: it is off, has no connection, or is busy; its log, and "status" on its console, say why',
  ]);
  const image = order({ c8y_Firmware: { name: 'x', version: '1', url: 'http://127.0.0.1:1/' }, description: 'x' });
  image.status = 'EXECUTING';
  const [, reason] = await wait(help);
  t.is(
    reason,
    `waits for operation ${image.id}, c8y_Firmware, on which the device works: its log, and "status" on its console, say why`,
  );
  t.regex(
    (await wait(image)).at(-1) ?? '',
    /^the device works on it; a transfer that fails is tried again for ten min/,
  );
  image.status = 'SUCCESSFUL';
  t.deepEqual(await wait(image), ['0 s  SUCCESSFUL']);
});

test('a configuration file is printed as a log is: that of this operation, else the newest', async (t) => {
  const { platform, tenant, id, order, device } = await start(t, { c8y_SupportedConfigurations: ['agent', 'wifi'] });
  const attach = (type: string, text: string, content: string) =>
    platform.core.events.keep({
      ...{ id: platform.core.nextId(), sourceId: id, creationTimeMs: 0, lastUpdatedMs: 0, timeMs: 0, attachments: 1 },
      fragments: { type, text, c8y_IsBinary: {} },
      binary: { bytes: Buffer.from(content), mediaType: 'text/plain', name: type },
    });
  const operation = order({ c8y_UploadConfigFile: { type: 'agent' } });
  operation.status = 'SUCCESSFUL';
  const read = async () => answersOf(tenant, device, 'c8y_UploadConfigFile', await tenant.operation(operation.id));
  await t.throwsAsync(read, { message: 'there is no event of type agent with a file' });
  attach('agent', 'by another agent', 'newest=1\n');
  t.deepEqual(await read(), ['newest=1\n']);
  attach('agent', `Configuration agent, operation ${operation.id}`, 'own=1\n');
  attach('agent', `Configuration agent, operation 1${operation.id}0`, 'later=1\n');
  attach('wifi', `Configuration wifi, operation ${operation.id}`, 'wifi=1\n');
  t.deepEqual(await read(), ['own=1\n']);
});

test('a service offers the commands that it declares', async (t) => {
  const usage = async (fragments: JsonObject) => {
    const form = formOf('servicecommand');
    const { device } = await start(t, fragments);
    return form && usageOf(formFor(form, device));
  };
  t.is(await usage({ c8y_SupportedServiceCommands: ['START', 'STOP'] }), 'command=START|STOP serviceName=TEXT');
  t.is(await usage({}), 'command=START|STOP|RESTART serviceName=TEXT');
});
