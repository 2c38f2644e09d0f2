// SPDX-License-Identifier: Apache-2.0
/*
 * The other side of the contract's connections: it does what the first line of each connection says. So a check that
 * runs inside XS, in virtual time or over TLS needs nothing but an address.
 */

/** A connection as the peer holds it; `FakePeer` is one. */
export interface PeerConnection {
  onData: (bytes: Uint8Array) => void;
  onClose: () => void;
  send(bytes: Uint8Array): void;
  end(): void;
  reset(): void;
  pause(): void;
  resume(): void;
}

/**
 * Words of a script line, in the order in which they are done:
 * `send:N` sends N bytes of the pattern; `await:N` waits for N more bytes and holds them against the pattern;
 * `verdict` sends `+` when all were right, else `-`; `echo` sends back whatever comes, for ever; `hold:TAG` takes nothing
 * more until another connection says `free:TAG`; `tag:TAG` names the connection; `closed:TAG` waits until the connection
 * of that name is closed; `end` and `reset` end it.
 */
export type Script = string;

/** Byte `index` of what both sides send: not periodic in any window, so that a wrong order shows. */
export function patternAt(index: number): number {
  return (index ^ (index >> 8) ^ (index >> 16)) & 0xff;
}

export function pattern(from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  for (let at = 0; at < bytes.length; at++) bytes[at] = patternAt(from + at);
  return bytes;
}

const LF = 10;
const MAX_SCRIPT_CHARS = 200;

/** What all connections of one peer share. */
export class PeerServer {
  readonly #waiting = new Map<string, () => void>();
  readonly #happened = new Set<string>();

  accept(connection: PeerConnection): void {
    new PeerSession(this, connection);
  }

  /** Runs `act` once `event` has happened. */
  when(event: string, act: () => void): void {
    if (this.#happened.has(event)) act();
    else this.#waiting.set(event, act);
  }

  happen(event: string): void {
    this.#happened.add(event);
    const act = this.#waiting.get(event);
    this.#waiting.delete(event);
    act?.();
  }
}

class PeerSession {
  readonly #server: PeerServer;
  readonly #connection: PeerConnection;
  #script = '';
  #steps: string[] | undefined;
  #sent = 0;
  #received = 0;
  #awaited = 0;
  #allRight = true;
  #echo = false;
  #tag = '';

  constructor(server: PeerServer, connection: PeerConnection) {
    this.#server = server;
    this.#connection = connection;
    connection.onData = (bytes) => this.#onData(bytes);
    connection.onClose = () => {
      if (this.#tag !== '') server.happen(`closed:${this.#tag}`);
    };
  }

  #onData(bytes: Uint8Array): void {
    let from = 0;
    while (!this.#steps && from < bytes.length) this.#readScript(bytes[from++] ?? LF);
    if (from === bytes.length) return;
    if (this.#echo) this.#connection.send(bytes.subarray(from));
    else {
      for (; from < bytes.length; from++) {
        if (bytes[from] !== patternAt(this.#received++)) this.#allRight = false;
      }
      this.#go();
    }
  }

  #readScript(byte: number): void {
    if (byte !== LF) this.#script += String.fromCharCode(byte);
    else {
      this.#steps = this.#script.split(' ');
      this.#go();
    }
    // Somebody who does not speak our language, for example TLS, gets a word and the door.
    if (this.#script.length > MAX_SCRIPT_CHARS || !isText(byte)) this.#steps = ['send:10', 'end'];
    if (!isText(byte)) this.#go();
  }

  /** Does steps until one has to wait. */
  #go(): void {
    const steps = this.#steps ?? [];
    for (let step = steps[0]; step !== undefined; step = steps[0]) {
      const [word = '', argument = ''] = step.split(':');
      if (!this.#do(word, argument)) return;
      steps.shift();
    }
  }

  /** False: wait, and do the same step again later. */
  #do(word: string, argument: string): boolean {
    const connection = this.#connection;
    if (word === 'send') this.#send(Number(argument));
    else if (word === 'await') return this.#await(Number(argument));
    else if (word === 'verdict') connection.send(new Uint8Array([this.#allRight ? 0x2b : 0x2d]));
    else if (word === 'echo') this.#echo = true;
    else if (word === 'hold') this.#hold(`free:${argument}`);
    else if (word === 'free') this.#server.happen(`free:${argument}`);
    else if (word === 'tag') this.#tag = argument;
    else if (word === 'closed') return this.#wait(`closed:${argument}`);
    else if (word === 'end') connection.end();
    else if (word === 'reset') connection.reset();
    else throw new Error(`peer: no such word: ${word}`);
    return true;
  }

  #send(count: number): void {
    this.#connection.send(pattern(this.#sent, this.#sent + count));
    this.#sent += count;
  }

  #await(count: number): boolean {
    if (this.#received < this.#awaited + count) return false;
    this.#awaited += count;
    return true;
  }

  #hold(event: string): void {
    this.#connection.pause();
    this.#server.when(event, () => this.#connection.resume());
  }

  #wait(event: string): boolean {
    this.#steps?.shift();
    this.#server.when(event, () => this.#go());
    return false;
  }
}

function isText(byte: number): boolean {
  return byte === LF || (byte >= 0x20 && byte <= 126);
}
