// SPDX-License-Identifier: Apache-2.0
/** A world whose device sends files, each by an operation `x_Send`. */

import type { ExecutionContext } from 'ava';
import type { AgentHost, Capability } from '../../src/capability.ts';
import { Upload, type UploadOptions, type UploadSource } from '../../src/transfers/upload.ts';
import type { EventRecord } from '../../tools/platform/model.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../tools/simulate/machine/world.ts';
import { createSettled, listening, objectOf } from '../agent/scene.ts';

export const TYPE = 'x_File';
export const BINARIES = '/event/events/*/binaries';
export const CONTENT = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** A source of bytes that can be watched, and taken away. */
export class Given implements UploadSource {
  bytes = CONTENT;
  opened = 0;
  /** Of the present try. */
  at = 0;
  /** Is called with each read; false: the bytes have gone. */
  onRead: (() => boolean) | undefined;

  open(): number {
    this.opened++;
    this.at = 0;
    return this.bytes.length;
  }

  read(into: Uint8Array): number {
    if (this.onRead?.() === false) return 0;
    const piece = this.bytes.subarray(this.at, this.at + into.length);
    into.set(piece);
    this.at += piece.length;
    return piece.length;
  }
}

export interface Scene {
  readonly world: World;
  readonly source: Given;
  /** `done ID` and reasons, one for each upload that has ended. */
  readonly ends: string[];
  /** Orders it. */
  begin(changes?: Partial<UploadOptions>): void;
  /** Orders it, and waits for its end. */
  send(changes?: Partial<UploadOptions>): string;
  /** All events of its type. */
  readonly events: readonly EventRecord[];
}

export function createScene(
  t: ExecutionContext,
  options: WorldOptions = {},
  create = (all: WorldOptions): World => createSettled(t, all),
): Scene {
  const source = new Given();
  const ends: string[] = [];
  let wanted: Partial<UploadOptions> = {};
  const capability: Capability = {
    name: 'x_Send',
    repeatable: true,
    timeoutMs: 3_600_000,
    run: (operation, host: AgentHost) => {
      new Upload(host, {
        type: TYPE,
        text: `file of operation ${operation.id}`,
        timeMs: host.hal.clock.now() ?? 0,
        fileName: 'file.bin',
        mediaType: 'application/octet-stream',
        source,
        isAgain: false,
        ...wanted,
        onDone: (id) => {
          ends.push(`done ${id}`);
          operation.succeed();
        },
        onFail: (reason) => {
          ends.push(reason);
          operation.fail(reason);
        },
      }).start();
    },
    recover: (operation, host) => {
      wanted = { ...wanted, isAgain: true };
      capability.run(operation, host);
    },
  };
  const world = create({
    ...options,
    app: (board) => {
      board.operation(capability);
      options.app?.(board);
    },
  });
  const begin: Scene['begin'] = (changes = {}) => {
    wanted = changes;
    createOperation(world.platform, objectOf(world).id, { x_Send: {} });
  };
  return {
    world,
    source,
    ends,
    begin,
    send(changes) {
      const count = ends.length;
      begin(changes);
      world.runUntil(() => ends.length > count, 3_600_000);
      return ends[count] ?? '';
    },
    get events() {
      return [...world.platform.core.events.values()].filter(({ fragments }) => fragments['type'] === TYPE);
    },
  };
}

/** One event of the type, with the content attached, whole. */
export function isSent(t: ExecutionContext, { events, world, ends }: Scene, content = CONTENT): void {
  t.is(events.length, 1);
  const [event] = events;
  t.is(ends.at(-1), `done ${event?.id}`);
  t.true(Buffer.from(event?.binary?.bytes ?? []).equals(content), 'other bytes have arrived');
  world.runUntil(() => listening(world), 300_000);
}
