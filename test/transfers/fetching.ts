// SPDX-License-Identifier: Apache-2.0
/** A world whose device fetches files, each by an operation `x_Fetch` that says from where. */

import type { ExecutionContext } from 'ava';
import type { AgentHost, Capability } from '../../src/capability.ts';
import type { App } from '../../src/index.ts';
import { Download } from '../../src/transfers/download.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../tools/simulate/machine/world.ts';
import { createSettled, objectOf } from '../agent/scene.ts';
import { FileServer } from './file-server.ts';

export const HOST = 'files.example';
export const URL_OF_FILE = `https://${HOST}/images/fw.bin`;
export const CONTENT = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** What has come of a download. */
export class Taken {
  readonly begins: { offset: number; totalBytes: number }[] = [];
  bytes: number[] = [];
  ends: string[] = [];
  refusal: string | undefined;
}

export interface Scene {
  readonly world: World;
  readonly taken: Taken;
  readonly server: FileServer;
  /** Orders it. */
  begin(url: string): void;
  /** Orders it, and waits for its end. */
  fetch(url: string): Taken;
}

/** @param create a world that is settled; default: the usual one */
export function createScene(
  t: ExecutionContext,
  options: WorldOptions = {},
  create = (all: WorldOptions): World => createSettled(t, all),
): Scene {
  const taken = new Taken();
  const capability: Capability = {
    name: 'x_Fetch',
    run(operation, host: AgentHost) {
      new Download(host, {
        url: operation.text('url') ?? '',
        sink: {
          begin(offset, totalBytes) {
            taken.begins.push({ offset, totalBytes });
            taken.bytes.length = offset;
            return undefined;
          },
          write(bytes, start, end) {
            for (let i = start; i < end; i++) taken.bytes.push(bytes[i] as number);
            return taken.refusal;
          },
        },
        onDone: () => {
          taken.ends.push('done');
          operation.succeed();
        },
        onFail: (reason) => {
          taken.ends.push(reason);
          operation.fail(reason);
        },
      }).start();
    },
  };
  const app: App = (board) => {
    board.operation(capability);
    options.app?.(board);
  };
  const world = create({ ...options, app });
  const server = new FileServer(world.network, HOST, CONTENT);
  const begin: Scene['begin'] = (url) => {
    createOperation(world.platform, objectOf(world).id, { x_Fetch: { url } });
  };
  return {
    world,
    taken,
    server,
    begin,
    fetch(url) {
      begin(url);
      world.runUntil(() => taken.ends.length > 0, 3_600_000);
      return taken;
    },
  };
}
