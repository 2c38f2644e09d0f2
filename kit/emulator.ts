// SPDX-License-Identifier: Apache-2.0
/** `fractus/emulator`: a Cumulocity tenant of this process, for tests with real sockets. */

import { Platform } from '../tools/platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../tools/platform/server.ts';

export type { Fault } from '../tools/platform/faults.ts';
export type { Platform } from '../tools/platform/platform.ts';
export type { RunningServer } from '../tools/platform/server.ts';
export * from './operator.ts';

export interface EmulatorOptions {
  /** Default 0: one that is free. */
  readonly port?: number | undefined;
  /** Default true: whoever asks for credentials is registered and accepted. */
  readonly accept?: boolean | undefined;
  /** https, with a CA of its own: `authority` of the result. Default: http, for this machine only. */
  readonly tls?: boolean | undefined;
}

/** A running emulator, and what a device needs to introduce itself. */
export interface Emulator extends RunningServer {
  /** `url`, `bootstrapUser` and `bootstrapPassword`, as a device is configured. */
  readonly config: Readonly<Record<'url' | 'bootstrapUser' | 'bootstrapPassword', string>>;
}

/** Starts one on 127.0.0.1. Rejects when the port is taken. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, accept = true, tls = false } = options;
  const platform = new Platform(machineOptions({ accept }));
  const server = await startServer({ platform, port, tls });
  const { tenant, name, password = '' } = platform.core.bootstrap;
  return Object.assign(server, {
    config: { url: server.url, bootstrapUser: `${tenant}/${name}`, bootstrapPassword: password },
  });
}
