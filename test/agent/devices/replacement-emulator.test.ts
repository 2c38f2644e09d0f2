// SPDX-License-Identifier: Apache-2.0
/** The guide, "Replacing a physical device", with two virtual devices and an operator at the emulator's REST interface. */

import test, { type ExecutionContext } from 'ava';
import type { LogLevel } from '../../../hal/hal.ts';
import { Flash } from '../../../hal/node/flash.ts';
import { type App, createAgent, type FractusAgent, type RawConfig } from '../../../src/index.ts';
import { VirtualDevice } from '../../../tools/device/virtual-device.ts';
import { createDeviceCertificate } from '../../../tools/platform/certificates.ts';
import { trustAuthority } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../../../tools/platform/server.ts';
import { createAll } from '../../support/tenant.ts';
import { until } from '../../support/until.ts';

const certificates = await createAll();
const family = ['meter', 'valve'];
const objects = '/inventory/managedObjects';

/** A virtual board that can be turned off and on. */
class Gateway {
  readonly lines: string[] = [];
  readonly #flash: Flash;
  readonly #config: RawConfig;
  readonly #resources: Record<string, Uint8Array>;
  readonly #app: App;
  #device: VirtualDevice | undefined;

  constructor(mac: string, config: RawConfig, resources: Record<string, Uint8Array>, children: readonly string[]) {
    this.#flash = new Flash({ mac });
    this.#config = config;
    this.#resources = resources;
    this.#app = (board) => {
      for (const id of children) board.child(id, {});
    };
  }

  turnOn(): void {
    let agent: FractusAgent | undefined;
    this.#device = new VirtualDevice({
      flash: this.#flash,
      program: {
        boot: async (hal) => {
          agent = createAgent({ hal, config: this.#config, app: this.#app });
          agent.start();
        },
        stop: () => new Promise((resolve) => agent?.stop(() => resolve(true))),
      },
      firmware: { name: 'test', version: '1', buildTimeMs: 0 },
      resources: this.#resources,
      log: (level: LogLevel, line: string) => void this.lines.push(`${level} ${line}`),
    });
    this.#device.start();
  }

  async turnOff(): Promise<void> {
    await this.#device?.stop();
    this.#device = undefined;
  }
}

/** An operator who uses the REST interface. */
class Operator {
  readonly #server: RunningServer;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown> | undefined> {
    const kind = path.startsWith('/identity') ? 'externalid' : 'managedobject';
    const response = await fetch(this.#server.url + path, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from('t1000/operator:the-operator-password').toString('base64')}`,
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': `application/vnd.com.nsn.cumulocity.${kind}+json` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  async find(externalId: string): Promise<string> {
    const found = await this.ask('GET', `/identity/externalIds/c8y_Serial/${encodeURIComponent(externalId)}`);
    return String((found?.['managedObject'] as { id?: string } | undefined)?.id ?? '');
  }

  async owner(id: string): Promise<string> {
    return String((await this.ask('GET', `${objects}/${id}`))?.['owner']);
  }
}

async function play(t: ExecutionContext, withCertificates: boolean, children: readonly string[], ownersFirst: boolean) {
  const platform = new Platform(
    machineOptions({
      tenant: 't1000',
      accept: true,
      operator: { user: 'operator', password: 'the-operator-password' },
      bootstrap: { tenant: 'management', user: 'devicebootstrap', password: 'the-bootstrap-password' },
    }),
  );
  trustAuthority(platform, certificates.root.certificate);
  const server = await startServer({ platform, ...(withCertificates ? { certificates: certificates.server } : {}) });
  t.teardown(() => server.close());
  const operator = new Operator(server);
  const create = async (deviceId: string, mac: string) => {
    const identity = await createDeviceCertificate(certificates.root, deviceId);
    const files = { ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' };
    const config: RawConfig = withCertificates
      ? { url: server.url, tokenUrl: server.tokenUrl ?? '', auth: 'certificate', deviceId, ...files }
      : { url: server.url, deviceId, bootstrapPassword: 'the-bootstrap-password' };
    const resources = { ca: server.authority ?? '', certificate: identity.chain, privateKey: identity.privateKey };
    const bytes = Object.fromEntries(Object.entries(resources).map(([name, text]) => [name, Buffer.from(text)]));
    const gateway = new Gateway(mac, config, withCertificates ? bytes : {}, children);
    t.teardown(() => gateway.turnOff());
    return gateway;
  };
  const names = ['', ...children.map((child) => `:${child}`)];
  const registered = async (device: Gateway, deviceId: string) => {
    await until(
      () => device.lines.some((line) => line.includes('listening for operations')),
      () => device.lines.join('\n'),
    );
    const ids = await Promise.all(names.map((name) => operator.find(deviceId + name)));
    t.true(
      ids.every((id) => id !== ''),
      device.lines.join('\n'),
    );
    return ids;
  };

  const old = await create('old', '0200000000aa');
  old.turnOn();
  const [device = '', ...below] = await registered(old, 'old');
  // The steps of the guide, with its numbers.
  await old.turnOff(); // 1
  const replacement = await create('new', '0200000000bb');
  replacement.turnOn(); // 2
  const [made = '', ...twins] = await registered(replacement, 'new');
  await replacement.turnOff(); // 3
  const owner = await operator.owner(made); // 4
  t.is(owner, 'device_new');
  const changeOwners = async () => {
    for (const id of [device, ...below]) await operator.ask('PUT', `${objects}/${id}`, { owner });
  };
  await operator.ask('DELETE', '/identity/externalIds/c8y_Serial/new'); // 5
  if (ownersFirst) await changeOwners(); // 6
  await operator.ask('POST', `/identity/globalIds/${device}/externalIds`, { type: 'c8y_Serial', externalId: 'new' });
  await operator.ask('DELETE', `${objects}/${made}`); // 7
  replacement.lines.length = 0;
  replacement.turnOn(); // 8
  if (!ownersFirst) {
    await until(
      () => replacement.lines.some((line) => /error managed object .* of the device .*owner/.test(line)),
      () => replacement.lines.join('\n'),
    );
    await changeOwners();
  }
  const listed = async () => {
    const texts = (await operator.ask('GET', `/event/events?source=${device}&pageSize=100`))?.['events'] as
      | { type: string; text: string }[]
      | undefined;
    return texts ?? [];
  };
  await until(
    () =>
      (platform.core.events.of(device) &&
        [...platform.core.events.of(device)].some(
          ({ fragments }) => fragments['type'] === 'fractus_ChildrenTakenOver',
        )) ||
      children.length === 0,
    () => replacement.lines.join('\n'),
  );
  t.deepEqual(await Promise.all(names.map((name) => operator.find(`new${name}`))), [device, ...below]);
  const parent = platform.core.objects.get(device);
  await until(
    () =>
      (parent?.fragments['c8y_Hardware'] as { serialNumber?: string } | undefined)?.serialNumber ===
      'virtual-0200000000bb',
    () => `${JSON.stringify(parent?.fragments)}\n${replacement.lines.join('\n')}`,
  );
  t.deepEqual([...(parent?.children.childDevices ?? [])], below);
  const told = (await listed()).filter(({ type }) => type === 'fractus_ChildrenTakenOver');
  t.is(told.length, children.length === 0 ? 0 : 1);
  for (const id of twins) t.true(told[0]?.text.includes(id), told[0]?.text);
  t.deepEqual(platform.breaches, []);
  await replacement.turnOff();
}

for (const withCertificates of [false, true]) {
  for (const children of [[], family]) {
    for (const ownersFirst of [true, false]) {
      test(`replacement by the guide: ${withCertificates ? 'certificates' : 'passwords'}, ${children.length} children, owners ${ownersFirst ? 'first' : 'last'}`, (t) =>
        play(t, withCertificates, children, ownersFirst));
    }
  }
}
