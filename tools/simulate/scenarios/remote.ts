// SPDX-License-Identifier: Apache-2.0
/** A host next to a simulated machine, an operator who connects to it, and the checks for their data. */

import type { FakePeer } from '../../../hal/fake/connection.ts';
import type { RemoteSession } from '../../platform/core/remote-session.ts';
import { openSession } from '../../platform/operations/remote-access.ts';
import { PLC } from '../machine/equipment.ts';
import { isEnded, type Life, type Scenario } from '../machine/life.ts';

/** The host sends this first, and then echoes all data. */
const BANNER = Buffer.from('PLC-1.0\r\n');
/** More than fits into all windows between the two ends. */
const SAID = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
const EXPECTED = Buffer.concat([BANNER, SAID]);
/** Time for which the host is busy at first. */
const BUSY_MS = 3000;
/** Time until a person gives up and calls again. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 2000;

/** One call of the operator. */
interface Call {
  readonly session: RemoteSession;
  readonly peers: FakePeer[];
  received: Buffer;
  heard: Buffer;
}

/** The calls of each life. */
const calls = new WeakMap<Life, Call[]>();

function callsOf(life: Life): Call[] {
  const known = calls.get(life) ?? [];
  calls.set(life, known);
  return known;
}

function startHost(life: Life): void {
  const { network, time } = life.world;
  network.listen(PLC.host, PLC.port, (peer) => {
    // There is only one call at a time, so this is the latest.
    const call = callsOf(life).at(-1) as Call;
    call.peers.push(peer);
    peer.onData = (bytes) => {
      call.heard = Buffer.concat([call.heard, bytes]);
      peer.send(bytes);
    };
    peer.send(BANNER);
    peer.pause();
    time.schedule(BUSY_MS, () => peer.resume());
  });
}

/** Calls the host, sends data, waits for the echo and hangs up; repeats a failed call. */
function callHost(life: Life): void {
  const { world, operations } = life;
  const made: { -readonly [Key in keyof Call]?: Call[Key] } = {
    peers: [],
    received: Buffer.alloc(0),
    heard: Buffer.alloc(0),
  };
  const opened = openSession(
    world.platform.core,
    world.object?.id ?? '',
    { hostname: PLC.host, port: PLC.port },
    {
      send(bytes, onSent) {
        made.received = Buffer.concat([made.received as Buffer, bytes]);
        onSent();
      },
      close: () => {},
    },
  );
  const call = Object.assign(made, { session: opened.session }) as Call;
  callsOf(life).push(call);
  operations.push(opened.operation);
  opened.listener.onMessage(SAID, () => {});
  const beganMs = world.time.nowMs;
  const look = () => {
    const isLate = world.time.nowMs - beganMs > PATIENCE_MS;
    if (!isAnswered(call) && !call.session.isOver && !isLate) return void world.time.schedule(LOOK_MS, look);
    call.session.end();
    if (!isEnded(opened.operation)) return void world.time.schedule(LOOK_MS, look);
    if (!isAnswered(call)) world.time.schedule(PATIENCE_MS, () => callHost(life));
  };
  world.time.schedule(LOOK_MS, look);
}

function isAnswered({ received }: Call): boolean {
  return received.length === EXPECTED.length;
}

function isSaid(life: Life): boolean {
  return callsOf(life).some(
    (call) => isAnswered(call) && call.session.isOver && call.peers.every((each) => !each.connected),
  );
}

/** I20: checks the data of all calls. */
function checkCalls(life: Life): void {
  for (const { session, peers, received, heard } of callsOf(life)) {
    const operation = life.operations.find(({ id }) => id === session.operationId);
    const what = `I20: operation ${operation?.id}`;
    if (peers.length > 1) throw new Error(`${what}: the host was called ${peers.length} times`);
    if (peers.some(({ connected }) => connected)) throw new Error(`${what}: the connection to the host is still there`);
    if (operation?.status === 'SUCCESSFUL' && peers.length === 0)
      throw new Error(`${what} is SUCCESSFUL, and the host was not called`);
    if (Buffer.compare(received, EXPECTED.subarray(0, received.length)) !== 0)
      throw new Error(`${what}: the operator has heard something that the host has not said`);
    if (Buffer.compare(heard, SAID.subarray(0, heard.length)) !== 0)
      throw new Error(`${what}: the host has heard something that the operator has not said`);
  }
}

export const REMOTE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'remote',
    meaning: 'c8y_RemoteAccessConnect: an operator says 20 KB to a host, and hears it again',
    begin: 'listening',
    remote: true,
    act(life) {
      startHost(life);
      callHost(life);
    },
    done: isSaid,
    check: checkCalls,
  },
];
