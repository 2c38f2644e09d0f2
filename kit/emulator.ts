// SPDX-License-Identifier: Apache-2.0
/** `fractus/emulator`: an emulated Cumulocity tenant in this process, for tests with real sockets. */

import { Platform } from '../tools/platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../tools/platform/server.ts';

export type { Fault } from '../tools/platform/faults.ts';
export type { Platform } from '../tools/platform/platform.ts';
export type { RunningServer } from '../tools/platform/server.ts';
export * from './operator.ts';

export interface EmulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number | undefined;
  /** Default true: every device that requests credentials is registered and accepted. */
  readonly accept?: boolean | undefined;
  /** Uses https with its own CA, which `authority` of the result holds. Default: http, on this machine only. */
  readonly tls?: boolean | undefined;
}

/** A running emulator, and the configuration of a device for it. */
export interface Emulator extends RunningServer {
  /** The keys `url`, `bootstrapUser` and `bootstrapPassword` of a device. */
  readonly config: Readonly<Record<'url' | 'bootstrapUser' | 'bootstrapPassword', string>>;
}

/** Starts an emulator on 127.0.0.1. Rejects when the port is taken. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, accept = true, tls = false } = options;
  const platform = new Platform(machineOptions({ accept }));
  const server = await startServer({ platform, port, tls });
  const { tenant, name, password = '' } = platform.core.bootstrap;
  return Object.assign(server, {
    config: { url: server.url, bootstrapUser: `${tenant}/${name}`, bootstrapPassword: password },
  });
}
