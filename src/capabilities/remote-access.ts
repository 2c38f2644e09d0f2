// SPDX-License-Identifier: Apache-2.0

import { cut, oneLine } from '../bytes/text.ts';
import type { AgentHost, Capability, Operation } from '../capability.ts';
import { Tunnel, type TunnelOptions } from '../remote/tunnel.ts';

import { onlyForBoard } from './of-board.ts';

const FRAGMENT = 'c8y_RemoteAccessConnect';
const TIMEOUT_MS = 120_000;
const IDLE_S = 600;
const LONGEST_S = 14_400;
const MOST_S = 86_400;
/** Bytes are carried unchanged, so every protocol over TCP works. */
const PROTOCOLS = ['PASSTHROUGH', 'SSH', 'VNC', 'TELNET'];

/** A TCP server that the device reaches: a machine next to it, or a service on the board itself. */
export interface RemoteHost {
  /** A name or an address, as operators enter it. */
  readonly host: string;
  readonly port: number;
}

/** Options of `remoteAccess`. */
export interface RemoteAccessOptions {
  /** The only hosts that are dialled. At least one. */
  readonly allow: readonly RemoteHost[];
  /** Seconds after which a session without a byte in either direction ends: 60 to 86,400, default 600. */
  readonly idleS?: number;
  /** Seconds after which every session ends: 60 to 86,400, default 14,400. */
  readonly longestS?: number;
}

/**
 * `c8y_RemoteAccessConnect {"hostname","port","connectionKey"}`: carries bytes between a person at the platform and a
 * host that the author allows. SUCCESSFUL once both ends are connected; one session at a time.
 * @throws RangeError when a host, a port or a time is not allowed
 */
export function remoteAccess(options: RemoteAccessOptions): Capability {
  const { allow, idleS = IDLE_S, longestS = LONGEST_S } = options;
  const isTime = (seconds: number) => seconds >= 60 && seconds <= MOST_S;
  if (allow.length === 0 || !allow.every(isHost))
    throw new RangeError(
      'remote access: allow has at least one host, each {host: a name or an address, port: 1 to 65535}',
    );
  if (!isTime(idleS) || !isTime(longestS))
    throw new RangeError(`remote access: idleS and longestS are 60 to ${MOST_S}`);
  return new RemoteAccess({ allow, idleS, longestS });
}

function isHost({ host, port }: RemoteHost): boolean {
  return /^[a-z0-9._:-]{1,253}$/i.test(host) && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** The host to dial, and the path to the platform's end. */
type Wish = Pick<TunnelOptions, 'host' | 'port' | 'path'>;

class RemoteAccess implements Capability {
  readonly name = FRAGMENT;
  readonly timeoutMs = TIMEOUT_MS;
  readonly #options: Required<RemoteAccessOptions>;
  /** The current session, and the start that it belongs to. */
  #tunnel: Tunnel | undefined;
  #host: AgentHost | undefined;

  constructor(options: Required<RemoteAccessOptions>) {
    this.#options = options;
  }

  /** A capability at module level lies in flash, where nothing can be noted, so each start makes its own. */
  begin(_host: AgentHost, device: Operation['device'] | undefined): Capability {
    onlyForBoard('remoteAccess', device, '');
    return new RemoteAccess(this.#options);
  }

  inventory() {
    return { c8y_RemoteAccessSupportedProtocols: PROTOCOLS };
  }

  run(operation: Operation, host: AgentHost): void {
    const wish = this.wishOf(operation);
    if (typeof wish === 'string') operation.fail(wish);
    else if (this.#tunnel !== undefined && this.#host === host)
      operation.fail('another session is open: one session at a time');
    else this.open(wish, operation, host);
  }

  private open(wish: Wish, operation: Operation, host: AgentHost): void {
    const { hal } = host;
    const { idleS, longestS } = this.#options;
    const where = `${wish.host}:${wish.port}`;
    const forget = () => {
      this.#tunnel = undefined;
    };
    const tunnel = new Tunnel(host, {
      ...wish,
      idleMs: idleS * 1000,
      longestMs: longestS * 1000,
      fillRandom: (into) => hal.secureRandom(into),
      onUp() {
        hal.log('info', `remote access to ${where}: a session begins`);
        operation.succeed();
      },
      onEnd(reason) {
        forget();
        if (!operation.finished) return operation.fail(oneLine(reason));
        const { fromHostBytes, toHostBytes } = tunnel;
        const bytes = `${fromHostBytes} bytes from it, ${toHostBytes} to it`;
        hal.log('info', `remote access to ${where}: the session has ended: ${oneLine(reason)}; ${bytes}`);
      },
    });
    operation.onTimeout = () => {
      tunnel.stop();
      forget();
    };
    tunnel.start();
    this.#tunnel = tunnel;
    this.#host = host;
  }

  /** The requested session, or why it is refused. */
  private wishOf(operation: Operation): Wish | string {
    const host = operation.text('hostname')?.trim().toLowerCase() ?? '';
    const port = operation.number('port') ?? Number(operation.text('port')?.trim() || NaN);
    const key = operation.text('connectionKey') ?? '';
    if (host === '' || !(port >= 1 && port <= 65_535 && Number.isInteger(port)))
      return 'hostname, port: allowed are a name or an address, and 1 to 65535';
    const { allow } = this.#options;
    if (!allow.some((each) => each.host.toLowerCase() === host && each.port === port)) {
      const known = allow.map((each) => `${each.host}:${each.port}`).join(', ');
      return cut(`${cut(host, 60)}:${port} is not on the list of this device; allowed: ${known}`, 400);
    }
    // The key becomes a part of the path.
    if (!/^(?!\.+$)[\w.~-]{1,200}$/.test(key)) return 'connectionKey: allowed are 1 to 200 of A-Z a-z 0-9 _ - . ~';
    return { host, port, path: `/service/remoteaccess/device/${key}` };
  }
}
