// SPDX-License-Identifier: Apache-2.0
/** An emulated chip and a platform on this machine's loopback, which has another address there. */

import test, { type ExecutionContext } from 'ava';
import { HOST_ADDRESS, WIFI_NAME } from '../../tools/moddable/qemu.ts';
import type { JsonObject, Operation } from '../../tools/platform/model.ts';
import { createOperation, findDevice, trustAuthority } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, type RunningServer, type ServerOptions, startServer } from '../../tools/platform/server.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { Board, type Firmware, qemu } from './bench.ts';

export const DEVICE = 'emulated';
/** In real time: an emulated chip is slow where others work, too. An ESP32 has taken 20 minutes for a new firmware there. */
export const PATIENCE_MS = 1_500_000;
/** Tests of what needs a network. */
export const withWifi = testWith(qemu.hasWifi ? undefined : 'this QEMU has no Wi-Fi', test.serial);

export interface SceneOptions {
  readonly config?: Readonly<Record<string, string>>;
  /** As a factory gives them. */
  readonly files?: Readonly<Record<string, string>>;
  readonly server?: ServerOptions;
  /** PEM: those whose certificates of devices the platform takes. */
  readonly trusted?: string;
  /** What lies in partitions before its first start, by their names. */
  readonly partitions?: Readonly<Record<string, Uint8Array>>;
  /** By which the board knows the platform. Default: its address. */
  readonly name?: string;
  /** As that of a chip. */
  readonly runner?: readonly string[];
}

export interface Scene {
  readonly platform: Platform;
  readonly board: Board;
  readonly server: RunningServer;
  /** What the factory has set. */
  readonly config: Readonly<Record<string, string>>;
  /** Of the device; empty as long as it is not registered. */
  id(): string;
  /** Has the device do something, and waits until it has ended. */
  ended(fragments: JsonObject): Promise<Operation>;
}

/** A board that is set up for a platform, with its power on. */
export async function start(t: ExecutionContext, firmware: Firmware, options: SceneOptions = {}): Promise<Scene> {
  const platform = new Platform(machineOptions({ accept: true }));
  const { name: host = HOST_ADDRESS } = options;
  platform.settings.hosts = [host];
  if (options.trusted !== undefined) trustAuthority(platform, options.trusted);
  const server = await startServer({ ...options.server, platform });
  t.teardown(() => server.close());
  const { tenant, name, password = '' } = platform.core.bootstrap;
  const config = {
    url: asSeen(server.url).replace(HOST_ADDRESS, host),
    deviceId: DEVICE,
    wifiName: WIFI_NAME,
    measurementInterval: '2',
    bootstrapUser: `${tenant}/${name}`,
    bootstrapPassword: password,
    ...(options.trusted === undefined ? {} : { tokenUrl: asSeen(server.tokenUrl ?? '') }),
    ...options.config,
  };
  const board = new Board(t, firmware, config, options.files, options.runner);
  for (const [partition, bytes] of Object.entries(options.partitions ?? {})) board.put(partition, bytes);
  board.chip.powerOn();
  const id = () => findDevice(platform, DEVICE)?.id ?? '';
  const ended = async (fragments: JsonObject) => {
    const operation = createOperation(platform, id(), fragments);
    await until(
      () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
      () => JSON.stringify(operation),
      PATIENCE_MS,
    );
    return operation;
  };
  return { platform, server, config, board, id, ended };
}

/** The loopback of this machine has another address there. */
export function asSeen(url: string): string {
  return url.replace(/127\.0\.0\.1|localhost/, HOST_ADDRESS);
}
