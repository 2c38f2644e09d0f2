// SPDX-License-Identifier: Apache-2.0
/** Breaches in remote access. */

import type { RemoteSession } from '../../../../tools/platform/core/remote-session.ts';
import type { Socket, SocketListener } from '../../../../tools/platform/model.ts';
import { openSession } from '../../../../tools/platform/operations/remote-access.ts';
import type { Answer } from '../desk.ts';
import { type BreachCase, operations } from '../scene.ts';

type Scene = Parameters<BreachCase[2]>[0];

export const UPGRADE = {
  accept: undefined,
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const;

/** An end that keeps what it is sent. */
export class Kept implements Socket {
  received = '';
  closed: string | undefined;

  send(bytes: Uint8Array, onSent: () => void): void {
    this.received += Buffer.from(bytes).toString();
    onSent();
  }

  close(code: number, reason: string): void {
    this.closed = `${code} ${reason}`.trim();
  }
}

/** An operator calls, and the device says EXECUTING. */
export function called({ desk, user, id }: Scene, status: 'PENDING' | 'EXECUTING' = 'EXECUTING') {
  const operator = new Kept();
  const target = { hostname: 'plc.local', port: 502 };
  const { session, listener, operation } = openSession(desk.platform.core, id, target, operator);
  const url = `${operations}/${operation.id}`;
  if (status === 'EXECUTING') desk.send('PUT', url, { as: user, body: { status } });
  return { session, listener, operator, url };
}

/** The device asks for its end. */
export function ask(
  { desk, user }: Scene,
  key: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): { answer: Answer; socket: Kept; listener: () => SocketListener | undefined } {
  const socket = new Kept();
  let listener: SocketListener | undefined;
  const upgrade = (accept: (socket: Socket) => SocketListener) => {
    listener = accept(socket);
  };
  const answer = desk.send('GET', `/service/remoteaccess/device/${key}`, {
    as: user,
    headers: { ...UPGRADE, ...changes },
    extra: { upgrade },
  });
  return { answer, socket, listener: () => listener };
}

const finish = ({ desk, user }: Scene, url: string) =>
  desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });

const withKey = (act: (scene: Scene, session: RemoteSession) => void) => (scene: Scene) =>
  act(scene, called(scene).session);

export const remoteBreaches: readonly BreachCase[] = [
  ['remote-access-key', 'a key of nobody', (scene) => ask(scene, 'abc')],
  [
    'remote-access-key',
    'the key of another device',
    (scene) => {
      const { key } = called(scene).session;
      ask({ ...scene, ...scene.desk.device('d2') }, key);
    },
  ],
  [
    'remote-access-key',
    'a key twice',
    withKey((scene, { key }) => {
      ask(scene, key);
      ask(scene, key);
    }),
  ],
  [
    'remote-access-key',
    'before EXECUTING',
    (scene) => {
      const { session, url } = called(scene, 'PENDING');
      ask(scene, session.key);
      scene.desk.send('PUT', url, { as: scene.user, body: { status: 'EXECUTING' } });
    },
  ],
  ['remote-access-early', 'before the device has connected', (scene) => finish(scene, called(scene).url)],
  ['websocket', 'no upgrade', withKey((scene, { key }) => ask(scene, key, { upgrade: undefined }))],
  ['websocket', 'another version', withKey((scene, { key }) => ask(scene, key, { 'sec-websocket-version': '8' }))],
  ['websocket', 'no key', withKey((scene, { key }) => ask(scene, key, { 'sec-websocket-key': undefined }))],
  [
    'websocket',
    'a key of ten bytes',
    withKey((scene, { key }) => ask(scene, key, { 'sec-websocket-key': 'AAAAAAAAAAAAAA==' })),
  ],
];
