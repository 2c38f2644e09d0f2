// SPDX-License-Identifier: Apache-2.0
/** Measures the time of an operation on loopback, next to that of the bare requests that it needs. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createNodeHal } from '../../hal/node/node.ts';
import { createAgent } from '../../src/index.ts';
import { createObject, createOperation, findDevice } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import type { Values } from './metrics.ts';

const DEVICE_ID = 'bench';
const BOOTSTRAP = { tenant: 'management', user: 'devicebootstrap', password: 'the-bootstrap-password' };
const OPERATOR = { user: 'operator', password: 'the-operator-password' };
const OPERATION_TYPE = 'application/vnd.com.nsn.cumulocity.operation+json';
/** Operations before V8 has compiled both sides. */
const WARM_UP = 200;
const POLL_MS = 10;
const PATIENCE_MS = 30_000;

/**
 * Runs the agent on Node and the emulator in this process, with real sockets between them. Operations and bare pairs of
 * requests alternate, so that both see the same machine load.
 */
export async function measureLatency(count: number): Promise<Values> {
  const platform = new Platform(machineOptions({ accept: true, bootstrap: BOOTSTRAP, operator: OPERATOR }));
  const server = await startServer({ platform });
  const hal = createNodeHal();
  const config = {
    url: server.url,
    deviceId: DEVICE_ID,
    bootstrapPassword: BOOTSTRAP.password,
    // Long enough that only operations happen.
    measurementInterval: '86400',
  };
  const agent = createAgent({ hal, config, app: () => {} });
  const bare = new BareClient(server);
  try {
    agent.start();
    await until(() => [...platform.core.sessions.values()].some(({ hold }) => hold !== undefined), 'the first poll');
    const operationsMs: number[] = [];
    const pairsMs: number[] = [];
    for (let i = 0; i < WARM_UP + count; i++) {
      const operationMs = await timeOperation(platform);
      const pairMs = await bare.timePair();
      if (i < WARM_UP) continue;
      operationsMs.push(operationMs);
      pairsMs.push(pairMs);
    }
    const p50 = percentile(operationsMs, 0.5);
    return {
      'node.operation_ratio_p50': p50 / percentile(pairsMs, 0.5),
      'node.operation_p50_ms': p50,
      'node.operation_p99_ms': percentile(operationsMs, 0.99),
    };
  } finally {
    bare.close();
    await new Promise<void>((resolve) => agent.stop(resolve));
    hal.close();
    await server.close();
  }
}

/**
 * The time from the creation to the request that reports SUCCESSFUL. Ends when the device has the answer and polls
 * again.
 */
async function timeOperation(platform: Platform): Promise<number> {
  const device = findDevice(platform, DEVICE_ID);
  if (device === undefined) throw new Error('bench: the device is not registered');
  const session = [...platform.core.sessions.values()].find(({ hold }) => hold !== undefined);
  const sinceMs = performance.now();
  const operation = createOperation(platform, device.id, { c8y_Command: { text: 'help' } });
  const endMs = await new Promise<number>((resolve, reject) => {
    const late = () => reject(new Error(`bench: not within ${PATIENCE_MS} ms: the end of an operation`));
    const patience = globalThis.setTimeout(late, PATIENCE_MS);
    platform.core.onRequest = () => {
      if (operation.status !== 'SUCCESSFUL') return;
      clearTimeout(patience);
      resolve(performance.now());
    };
  });
  platform.core.onRequest = undefined;
  await until(() => session?.hold !== undefined, 'the next poll');
  return endMs - sinceMs;
}

/**
 * The lower bound: PUT EXECUTING and PUT SUCCESSFUL as prepared bytes on one connection, which only waits for each
 * answer.
 */
class BareClient {
  readonly #platform: Platform;
  readonly #socket: Socket;
  readonly #head: string;
  readonly #deviceId: string;

  constructor({ platform, url }: RunningServer) {
    const { host, hostname, port } = new URL(url);
    const login = Buffer.from(`${platform.core.tenant}/${OPERATOR.user}:${OPERATOR.password}`).toString('base64');
    this.#platform = platform;
    this.#head = `Host: ${host}\r\nAuthorization: Basic ${login}\r\nContent-Type: ${OPERATION_TYPE}\r\n`;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#deviceId = createObject(platform, { c8y_IsDevice: {}, com_cumulocity_model_Agent: {} }).id;
  }

  async timePair(): Promise<number> {
    const { id } = createOperation(this.#platform, this.#deviceId, { c8y_Command: { text: 'help' } });
    const sinceMs = performance.now();
    await this.#put(id, '{"status":"EXECUTING"}');
    await this.#put(id, '{"status":"SUCCESSFUL"}');
    return performance.now() - sinceMs;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #put(id: string, body: string): Promise<void> {
    const line = `PUT /devicecontrol/operations/${id} HTTP/1.1\r\n`;
    this.#socket.write(`${line}${this.#head}Content-Length: ${body.length}\r\n\r\n${body}`);
    // Without Accept, the answer has no body, so it comes in one piece.
    const [answer] = (await once(this.#socket, 'data')) as [Buffer];
    if (!/^HTTP\/1\.1 200 .*\r\n\r\n$/s.test(answer.toString('latin1'))) throw new Error(`bench: ${answer}`);
  }
}

/** The smallest value that `share` of all values do not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  // At first in each turn of the event loop, so that no work is left when the next operation is created.
  for (let turn = 0; turn < 1000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`bench: not within ${PATIENCE_MS} ms: ${what}`);
    await setTimeout(POLL_MS);
  }
}
