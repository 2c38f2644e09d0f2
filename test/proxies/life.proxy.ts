// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { Operation } from '../../tools/platform/model.ts';
import { createOperation, findDevice, measurementsOf, objectsOf } from '../../tools/platform/operator.ts';
import { machineOptions, type RunningServer, startServer } from '../../tools/platform/server.ts';
import { type Runtime, TestDevice, testOnRuntimes } from '../support/device.ts';
import { until } from '../support/until.ts';
import { freePort, isInstalled, ProxyProcess, type Setup } from './proxy.ts';
import { MEASUREMENT_TIMEOUT_S, SETUPS } from './setups.ts';
import { StickyPlatform } from './sticky-platform.ts';

const bootstrap = { tenant: 'management', user: 'devicebootstrap', password: 'a-secret-of-the-desk' };
const SERVERS = 2;

/** A tenant on two ports, a proxy before them, and a device before that. */
class Street {
  readonly t: ExecutionContext;
  readonly platform = new StickyPlatform(machineOptions({ accept: true, bootstrap }));
  readonly proxy: ProxyProcess;
  readonly device: TestDevice;
  readonly #deviceId: string;
  readonly #ports: readonly number[];
  #servers: RunningServer[] = [];

  private constructor(t: ExecutionContext, ports: readonly number[], proxy: ProxyProcess, runtime: Runtime) {
    this.t = t;
    this.#ports = ports;
    this.proxy = proxy;
    this.#deviceId = `street-${runtime}`;
    const config = {
      url: proxy.url,
      bootstrapPassword: bootstrap.password,
      deviceId: this.#deviceId,
      measurementInterval: '1',
      pollTimeout: '4',
    };
    this.device = new TestDevice(t, { runtime, config });
    t.teardown(() => this.close());
  }

  static async build(t: ExecutionContext, setup: Setup, runtime: Runtime): Promise<Street> {
    const ports: number[] = [];
    for (let i = 0; i < SERVERS; i++) ports.push(await freePort());
    const proxy = await ProxyProcess.start(t, setup, ports);
    const street = new Street(t, ports, proxy, runtime);
    await street.open();
    return street;
  }

  async open(): Promise<void> {
    for (const port of this.#ports) this.#servers.push(await startServer({ platform: this.platform, port }));
  }

  async close(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map((server) => server.close()));
  }

  get objectId(): string {
    return findDevice(this.platform, this.#deviceId)?.id ?? '';
  }

  get measurements(): number {
    return measurementsOf(this.platform, this.objectId).length;
  }

  get polls(): number {
    return this.platform.requests.filter(({ path }) => path === '/notification/operations').length;
  }

  order(): Operation {
    return createOperation(this.platform, this.objectId, { c8y_Command: { text: 'status' } });
  }

  /** They end well. */
  async carriesOut(...operations: readonly Operation[]): Promise<void> {
    const statuses = () => operations.map(({ status }) => status).join();
    await this.until(
      () => operations.every(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED'),
      () => `operations: ${statuses()}`,
    );
    this.t.is(statuses(), operations.map(() => 'SUCCESSFUL').join());
  }

  async measures(more: number): Promise<void> {
    const wanted = this.measurements + more;
    await this.until(() => this.measurements >= wanted, `${wanted} measurements`);
  }

  /** Another such line of the log. */
  async hears(pattern: RegExp): Promise<void> {
    const from = this.device.lines.length;
    await this.until(() => this.device.lines.slice(from).some((line) => pattern.test(line)), `no ${pattern}`);
  }

  async until(condition: () => boolean, what: string | (() => string)): Promise<void> {
    const told = () =>
      `${typeof what === 'string' ? what : what()}\n${this.device.lines.join('\n')}\n${this.proxy.complaints()}`;
    await until(condition, told, 60_000);
  }
}

/** Up, some polls, operations, answers that come too late for the proxy, reloads, and an outage. */
async function live(t: ExecutionContext, setup: Setup, runtime: Runtime): Promise<void> {
  const street = await Street.build(t, setup, runtime);
  const { device, platform, proxy } = street;
  await street.until(() => device.said(/listening for operations/), 'it does not listen');
  await street.measures(6);
  await street.carriesOut(street.order());
  const polls = street.polls;
  await street.until(() => street.polls >= polls + 3, 'polls');
  await street.carriesOut(street.order(), street.order(), street.order());

  // 504: nobody knows whether the platform has taken it.
  const late = { kind: 'delay', ms: (MEASUREMENT_TIMEOUT_S + 2) * 1000, path: '/measurement/measurements' } as const;
  platform.order({ ...late, times: 2 });
  await street.hears(/warn .*HTTP 50[24]/);
  await street.until(() => platform.faults.length === 0, 'two measurements that take long');
  await street.measures(9);

  for (let i = 0; i < 3; i++) {
    const operation = street.order();
    proxy.reload();
    await street.measures(3);
    await street.carriesOut(operation);
  }

  // The proxy has nobody behind it.
  await street.close();
  const waiting = [street.order(), street.order()];
  await street.hears(/warn .*HTTP 50[23]/);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await street.open();
  await street.carriesOut(...waiting);
  await street.measures(9);
  const last = street.order();
  await street.carriesOut(last);

  const { result } = last.fragments['c8y_Command'] as { result: string };
  t.regex(result, /^queue: \d+ waiting, 0 lost$/m);
  t.is(objectsOf(platform, `device_street-${runtime}`).length, 1);
  t.false(device.said(/the clock was/), 'its clock was put wrong');
  t.deepEqual(
    device.lines.filter((line) => line.startsWith('error')),
    [],
  );
  t.deepEqual(device.failures, []);
  // Some proxies hand on the Host that they were asked by, and during the outage nobody could connect.
  const breaches = platform.breaches.filter(({ rule }) => rule !== 'host' && rule !== 'connect-gap');
  t.deepEqual(breaches, []);
  if (setup.sticky === true) t.is(platform.strays, 0, 'it comes to a server that does not know it');
  t.is(device.said(/content coding.*gzip/), setup.compresses === true);
}

for (const setup of SETUPS) {
  const missing = isInstalled(setup.program) ? undefined : `there is no ${setup.program}`;
  testOnRuntimes(`${setup.program}: ${setup.title}`, (t, runtime) => live(t, setup, runtime), missing);
}
