// SPDX-License-Identifier: Apache-2.0
/** A world whose device reaches own hosts, and an operator at the platform's end. */

import type { ExecutionContext } from 'ava';
import type { FakePeer } from '../../../hal/fake/connection.ts';
import { type RemoteAccessOptions, remoteAccess } from '../../../src/capabilities/index.ts';
import type { Capability, RawConfig } from '../../../src/index.ts';
import type { RemoteSession } from '../../../tools/platform/core/remote-session.ts';
import type { Operation, SocketListener } from '../../../tools/platform/model.ts';
import { openSession } from '../../../tools/platform/operations/remote-access.ts';
import type { Rule } from '../../../tools/platform/rules.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createWorld, objectOf, settle } from '../../agent/scene.ts';

export const PLC = { host: 'plc.local', port: 502 };
const TARGET = { hostname: PLC.host, port: PLC.port };

/** The operator's end of a session. */
export interface Call {
  readonly operation: Operation;
  readonly session: RemoteSession;
  readonly listener: SocketListener;
  received: Buffer;
  /** Code and reason of the close; undefined while it is open. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  send(bytes: Uint8Array | string): void;
  /** Reads nothing until `release`. */
  hold(): void;
  release(): void;
}

export interface RemoteScene {
  readonly world: World;
  /** Connections that the host has accepted, oldest first. */
  readonly peers: FakePeer[];
  /** The bytes that each connection has received. */
  readonly got: Buffer[];
  /** Lets an operator call, without waiting. */
  call(target?: { hostname: string; port: number }): Call;
  /** Like `call`, and waits until the operation has ended. */
  connect(target?: { hostname: string; port: number }): Call;
}

/** @param onPeer handler of each connection to the host; default: an echo */
export function createScene(
  t: ExecutionContext,
  options: Partial<RemoteAccessOptions> = {},
  onPeer: (peer: FakePeer) => void = (peer) => {
    peer.onData = (bytes) => peer.send(bytes);
  },
  allowed: readonly Rule[] = [],
  capability?: Capability,
  config: RawConfig = {},
): RemoteScene {
  const world = createWorld(
    t,
    { config, app: (board) => void board.operation(capability ?? remoteAccess({ allow: [PLC], ...options })) },
    allowed,
  );
  const peers: FakePeer[] = [];
  const got: Buffer[] = [];
  world.network.listen(PLC.host, PLC.port, (peer) => {
    peers.push(peer);
    onPeer(peer);
    const { onData } = peer;
    peer.onData = (bytes) => {
      got.push(Buffer.from(bytes));
      onData(bytes);
    };
  });
  world.start();
  settle(world);
  const call: RemoteScene['call'] = (target = TARGET) => {
    const made: { -readonly [Key in keyof Call]?: Call[Key] } = { received: Buffer.alloc(0), closed: undefined };
    let held: (() => void)[] | undefined;
    const opened = openSession(world.platform.core, objectOf(world).id, target, {
      send(bytes, onSent) {
        made.received = Buffer.concat([made.received as Buffer, bytes]);
        if (held === undefined) onSent();
        else held.push(onSent);
      },
      close(code, reason) {
        made.closed = { code, reason };
      },
    });
    made.send = (bytes) => opened.listener.onMessage(Buffer.from(bytes), () => {});
    made.hold = () => {
      held = [];
    };
    made.release = () => {
      const waiting = held ?? [];
      held = undefined;
      for (const each of waiting) each();
    };
    return Object.assign(made, opened) as Call;
  };
  return {
    world,
    peers,
    got,
    call,
    connect(target) {
      const made = call(target);
      const { operation } = made;
      world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', 600_000);
      return made;
    },
  };
}
