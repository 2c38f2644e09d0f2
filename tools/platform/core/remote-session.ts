// SPDX-License-Identifier: Apache-2.0
/** Sessions of remote access: the operator's end, the device's end, and the bytes between them. */

import type { Socket, SocketListener } from '../model.ts';

/** A host behind a device, saved by an operator. */
export interface RemoteConfiguration {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly protocol: string;
}

/** Close codes (RFC 6455 §7.4.1): an orderly end, and a failure. */
const NORMAL = 1000;
const FAILED = 1011;
/** Most bytes of the reason in a close (RFC 6455 §5.5). */
const REASON_MAX_BYTES = 123;

/** One end of a session, with the bytes that wait for it. */
class End {
  socket: Socket | undefined;
  readonly #waiting: { readonly bytes: Uint8Array; readonly onSent: () => void }[] = [];

  attach(socket: Socket): void {
    this.socket = socket;
    for (const { bytes, onSent } of this.#waiting.splice(0)) socket.send(bytes, onSent);
  }

  /** Sends bytes, or keeps them until the end is attached; the sender waits for `onSent`. */
  send(bytes: Uint8Array, onSent: () => void): void {
    if (this.socket === undefined) this.#waiting.push({ bytes, onSent });
    else this.socket.send(bytes, onSent);
  }
}

export class RemoteSession {
  readonly key: string;
  readonly deviceId: string;
  /** Id of the operation that tells the device; set once it exists. */
  operationId = '';
  /** Number of the device's request that has used the key; 0: not used yet. */
  request = 0;
  isOver = false;
  /** Bytes carried so far. */
  toDeviceBytes = 0;
  fromDeviceBytes = 0;
  readonly #operator = new End();
  readonly #device = new End();
  readonly #onOver: () => void;

  constructor(key: string, deviceId: string, onOver: () => void) {
    this.key = key;
    this.deviceId = deviceId;
    this.#onOver = onOver;
  }

  /** The device is connected. */
  get isUp(): boolean {
    return this.#device.socket !== undefined;
  }

  attachOperator(socket: Socket): SocketListener {
    this.#operator.attach(socket);
    return this.#listener(this.#device, (bytes) => {
      this.toDeviceBytes += bytes;
    });
  }

  attachDevice(socket: Socket): SocketListener {
    if (this.isOver) socket.close(NORMAL, '');
    else this.#device.attach(socket);
    return this.#listener(this.#operator, (bytes) => {
      this.fromDeviceBytes += bytes;
    });
  }

  /** Closes both ends. @param reason empty: an orderly end */
  end(reason = ''): void {
    if (this.isOver) return;
    this.isOver = true;
    const text = Buffer.from(reason)
      .subarray(0, REASON_MAX_BYTES)
      .toString('utf8')
      .replace(/\uFFFD+$/, '');
    for (const { socket } of [this.#operator, this.#device]) socket?.close(reason === '' ? NORMAL : FAILED, text);
    this.#onOver();
  }

  #listener(other: End, count: (bytes: number) => void): SocketListener {
    return {
      onMessage: (bytes, onTaken) => {
        count(bytes.length);
        other.send(bytes, onTaken);
      },
      onClose: () => this.end(),
    };
  }
}

/** All sessions and saved hosts of a tenant. */
export class RemoteAccessBook {
  readonly configurations = new Map<string, RemoteConfiguration>();
  /** Sessions by key. Ended ones are kept for a while, to tell a late device from a wrong one. */
  readonly #sessions = new Map<string, RemoteSession>();

  open(key: string, deviceId: string, onOver: () => void): RemoteSession {
    const session = new RemoteSession(key, deviceId, onOver);
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size >= MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(key, session);
    return session;
  }

  find(key: string): RemoteSession | undefined {
    return this.#sessions.get(key);
  }

  of(operationId: string): RemoteSession | undefined {
    for (const session of this.#sessions.values()) if (session.operationId === operationId) return session;
    return undefined;
  }
}

const MOST_SESSIONS = 100;
