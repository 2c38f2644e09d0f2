// SPDX-License-Identifier: Apache-2.0

import { isIP, type LookupFunction, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { checkTarget } from '../common/checks.ts';
import { GuardedHandler, type OnThrown } from '../common/guard.ts';
import { type Carrier, WindowedStream } from '../common/stream.ts';
import type { ByteStream, Network, NetworkErrorKind, StreamHandler, Target, TlsOptions } from '../hal.ts';
import { errorDetail, networkErrorKind } from './errors.ts';
import { Race } from './race.ts';
import { VirtualAccess, type VirtualPoints, type WifiFlash } from './wifi.ts';

/** Time for which `reset()` keeps the link down. */
const RESET_MS = 100;

export interface NodeNetworkOptions {
  resource(name: string): Uint8Array | undefined;
  /** Most bytes that wait in either direction of a connection, as in the TCP windows of a board. */
  windowBytes: number;
  signalDbm?: number | undefined;
  /** Absent: the resolver of the host. */
  lookup?: LookupFunction | undefined;
  onThrown: OnThrown;
  /** Absent: a cable, and no other network to join. */
  wifi?: { readonly points: VirtualPoints; readonly flash: WifiFlash } | undefined;
}

/** The network of the host computer, as a board sees its own. */
export class NodeNetwork implements Network {
  readonly signalDbm: number | undefined;
  readonly #options: NodeNetworkOptions;
  readonly #streams = new Set<SocketCarrier>();
  #listener: ((up: boolean) => void) | undefined;
  readonly access?: VirtualAccess;
  /** False: the cable is unplugged, or the radio reaches nothing. */
  #isPlugged = true;
  #up: boolean;
  /** The state that the listener knows. */
  #told: boolean;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: NodeNetworkOptions) {
    this.#options = options;
    this.signalDbm = options.signalDbm;
    const { wifi } = options;
    if (wifi !== undefined) this.access = new VirtualAccess(wifi.points, wifi.flash, this);
    this.#up = this.#told = this.#isThere;
  }

  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#up ? ownAddress() : undefined;
  }

  onChange(listener: (up: boolean) => void): void {
    this.#listener = listener;
  }

  reset(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#up = false;
    const affected = [...this.#streams];
    this.#timer = setTimeout(() => {
      for (const stream of affected) stream.fail('closed', 'the link went down');
      this.#tell(false);
      // The listener may have closed this network.
      if (this.#closed) return;
      this.#timer = setTimeout(() => {
        this.#up = this.#isThere;
        this.#tell(this.#up);
      }, RESET_MS);
    });
  }

  /** Unplugs the cable, or plugs it in again. */
  switch(plugged: boolean): void {
    this.#isPlugged = plugged;
    const up = this.#isThere;
    if (this.#closed || up === this.#up) return;
    clearTimeout(this.#timer);
    this.#up = up;
    const affected = up ? [] : [...this.#streams];
    this.#timer = setTimeout(() => {
      for (const stream of affected) stream.fail('closed', 'the link went down');
      this.#tell(up);
    });
  }

  connect(target: Target, handler: StreamHandler): ByteStream {
    checkTarget(target);
    const { windowBytes, onThrown } = this.#options;
    const guarded = new GuardedHandler(handler, onThrown);
    const carrier = new SocketCarrier(guarded, windowBytes, () => this.#streams.delete(carrier));
    this.#streams.add(carrier);
    if (this.#closed) carrier.stream.close();
    else if (!this.#up) carrier.failSoon('unreachable', 'the link is down');
    else if (this.access?.hasRoute === false) carrier.failSoon('unreachable', 'no route from this network');
    else this.#open(target, carrier);
    return carrier.stream;
  }

  /** Ends everything; no callback is called any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#up = false;
    this.#closed = true;
    this.#listener = undefined;
    for (const carrier of [...this.#streams]) carrier.stream.close();
  }

  /** Whether the link can come up. */
  get #isThere(): boolean {
    return this.#isPlugged && this.access?.isThere !== false;
  }

  #tell(up: boolean): void {
    if (up === this.#told) return;
    this.#told = up;
    try {
      this.#listener?.(up);
    } catch (error) {
      this.#options.onThrown(error);
    }
  }

  #open({ host, port, tls }: Target, carrier: SocketCarrier): void {
    const { windowBytes, lookup } = this.#options;
    const race = new Race({
      host,
      port,
      lookup,
      // The agent decides when to close: without `allowHalfOpen` Node would close after the other side.
      socket: { noDelay: true, allowHalfOpen: true, highWaterMark: windowBytes },
      onConnected: (socket) => {
        if (tls === undefined) carrier.attach(socket, false);
        else this.#secure(socket, host, tls, carrier);
      },
      onFailed: (error) => carrier.fail(networkErrorKind(error, false), errorDetail(error)),
    });
    carrier.race = race;
  }

  #secure(socket: Socket, host: string, tls: TlsOptions, carrier: SocketCarrier): void {
    const { windowBytes } = this.#options;
    try {
      const options = { socket, host, highWaterMark: windowBytes, ...this.#tlsOptions(host, tls) };
      carrier.attach(connectTls(options), true);
    } catch (error) {
      // OpenSSL throws for a key or a certificate that it cannot use.
      socket.destroy();
      carrier.fail('tls-alert', errorDetail(error as Error));
    }
  }

  #tlsOptions(host: string, tls: TlsOptions): ConnectionOptions {
    const options: ConnectionOptions = { minVersion: 'TLSv1.2', rejectUnauthorized: true };
    // SNI is for names only, without a dot at the end (RFC 6066 §3); an address is still compared with the certificate.
    options.servername = isIP(host) ? '' : host.replace(/\.$/, '');
    if (tls.ca !== undefined) options.ca = this.#pem(tls.ca);
    if (tls.certificate !== undefined) options.cert = this.#pem(tls.certificate);
    if (tls.privateKey !== undefined) options.key = this.#pem(tls.privateKey);
    return options;
  }

  #pem(name: string): Buffer {
    const bytes = this.#options.resource(name);
    if (!bytes) throw new Error(`there is no resource "${name}"`);
    return Buffer.from(bytes);
  }
}

/** One socket under a stream. */
class SocketCarrier implements Carrier {
  readonly stream: WindowedStream;
  readonly #onRelease: () => void;
  /** Defined until an address has answered. */
  race: Race | undefined;
  #socket: Socket | undefined;
  #pending: NodeJS.Immediate | undefined;

  constructor(handler: StreamHandler, windowBytes: number, onRelease: () => void) {
    this.stream = new WindowedStream(this, handler, windowBytes);
    this.#onRelease = onRelease;
  }

  /** Takes a connected socket; `secure`: TLS follows. */
  attach(socket: Socket, secure: boolean): void {
    this.#socket = socket;
    if (secure) socket.once('secureConnect', () => this.stream.opened());
    socket.on('readable', () => this.#take());
    socket.on('end', () => this.stream.ended());
    socket.on('error', (error) => this.fail(networkErrorKind(error, secure), errorDetail(error)));
    // Destroyed without an error event, in cases that are no error to Node.
    socket.on('close', () => this.fail('closed', 'the connection is gone'));
    if (!secure) this.stream.opened();
  }

  fail(kind: NetworkErrorKind, detail: string): void {
    this.race?.close();
    this.#socket?.destroy();
    this.stream.failed(kind, detail);
  }

  failSoon(kind: NetworkErrorKind, detail: string): void {
    this.#pending = setImmediate(() => this.fail(kind, detail));
  }

  transmit(bytes: Uint8Array): void {
    this.#socket?.write(bytes, (error) => {
      if (!error) this.stream.sent(bytes.length);
    });
  }

  resume(): void {
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined;
      this.#take();
    });
  }

  release(): void {
    clearImmediate(this.#pending);
    this.race?.close();
    this.#socket?.destroy();
    this.#onRelease();
  }

  /** Moves the bytes that fit from the socket into the window; Node stops receiving when its own buffer is full. */
  #take(): void {
    const socket = this.#socket;
    if (!socket || !this.stream.live) return;
    const room = Math.min(this.stream.roomBytes, socket.readableLength);
    // A read of no bytes lets a waiting end come through.
    const bytes: Buffer | null = socket.read(room);
    if (bytes) this.stream.received(bytes);
  }
}

/** The first IPv4 address of this host that others can reach, else the loopback. */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family === 'IPv4' && !internal) return address;
    }
  }
  return '127.0.0.1';
}
