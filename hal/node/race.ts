// SPDX-License-Identifier: Apache-2.0

import { lookup as lookUp } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';

/** RFC 8305 §5, Connection Attempt Delay: time of an address alone, before the next one is tried in parallel. */
const ATTEMPT_DELAY_MS = 250;

export interface RaceOptions {
  readonly host: string;
  readonly port: number;
  readonly socket: Omit<TcpNetConnectOpts, 'host' | 'port'> & { readonly highWaterMark: number };
  /** Absent: the resolver of the host. */
  readonly lookup?: LookupFunction | undefined;
  /** Absent: that of Node. */
  readonly connect?: ((options: TcpNetConnectOpts) => Socket) | undefined;
  onConnected(socket: Socket): void;
  onFailed(error: Error): void;
}

/**
 * Connects to the address of a host that answers first (RFC 8305). Node's own algorithm gives up an address when it
 * tries the next one, so that a slow link with a dead address never connects; here the attempts run in parallel.
 */
export class Race {
  readonly #options: RaceOptions;
  readonly #sockets = new Set<Socket>();
  readonly #errors: Error[] = [];
  #addresses: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: RaceOptions) {
    this.#options = options;
    const { host, lookup = lookUp } = options;
    if (isIP(host)) {
      this.#addresses = [host];
      this.#next();
      return;
    }
    (lookup as LookupFunction)(host, { all: true }, (error, found) => {
      if (this.#isOver) return;
      if (error) return this.#fail(error);
      this.#addresses = inTurns(typeof found === 'string' ? [found] : found.map(({ address }) => address));
      if (this.#addresses.length === 0)
        this.#fail(Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }));
      else this.#next();
    });
  }

  /** Ends all attempts. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #next(): void {
    clearTimeout(this.#timer);
    const address = this.#addresses.shift();
    if (address === undefined) {
      if (this.#sockets.size === 0) this.#fail(all(this.#errors));
      return;
    }
    const { port, socket: options, connect = connectTcp } = this.#options;
    const socket = connect({ ...options, host: address, port });
    this.#sockets.add(socket);
    const onError = (error: Error) => {
      this.#sockets.delete(socket);
      if (this.#isOver) return;
      this.#errors.push(error);
      this.#next();
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      if (this.#isOver) return;
      socket.off('error', onError);
      this.#sockets.delete(socket);
      this.close();
      this.#options.onConnected(socket);
    });
    if (this.#addresses.length > 0) this.#timer = setTimeout(() => this.#next(), ATTEMPT_DELAY_MS);
  }

  #fail(error: Error): void {
    this.close();
    this.#options.onFailed(error);
  }
}

/** RFC 8305 §4: the address families alternate, beginning with that of the resolver's first address. */
function inTurns(addresses: readonly string[]): string[] {
  const first = addresses.filter((each) => isIP(each) === isIP(addresses[0] ?? ''));
  const others = addresses.filter((each) => !first.includes(each));
  return first.flatMap((each, i) => [each, ...others.slice(i, i + 1)]).concat(others.slice(first.length));
}

function all(errors: readonly Error[]): Error {
  const [first, ...others] = errors as NodeJS.ErrnoException[];
  if (first === undefined || others.length === 0) return first ?? new Error('no attempt was made');
  return Object.assign(new AggregateError(errors), { code: first.code });
}
