// SPDX-License-Identifier: Apache-2.0
/** Connects a fake network to the core of the emulated platform, without sockets and in virtual time. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isEnrolled } from '../../../hal/common/store-checks.ts';
import type { FakePeer } from '../../../hal/fake/connection.ts';
import type { FakeNetwork } from '../../../hal/fake/network.ts';
import type { PlatformRequest } from '../../platform/model.ts';
import type { Platform } from '../../platform/platform.ts';
import { PeerReply } from './peer-reply.ts';
import { PeerSocket } from './peer-socket.ts';
import { RequestReader, type WireRequest } from './request-reader.ts';

/** One request with its answer. */
export interface Exchange {
  /** Number of the request, from 1. */
  readonly number: number;
  /** Virtual time of the request at the platform. */
  readonly atMs: number;
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly port: 'api' | 'token';
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Undefined while there is no answer; 0 when the connection was cut. */
  status: number | undefined;
}

export interface BridgeOptions {
  readonly platform: Platform;
  readonly network: FakeNetwork;
  /** The certificate chain that the machine's TLS presents for a resource name: PEM, leaf first. */
  readonly resource: (name: string) => Uint8Array | undefined;
  /** Number of exchanges kept; the oldest are dropped first. 0: none. */
  readonly keepExchanges: number;
  /** Called with every request before the platform receives it. False: the request is lost. */
  readonly onRequest: (request: WireRequest, number: number) => boolean;
  /** Called when the platform has processed a request, answered or not. */
  readonly onApplied: (number: number) => void;
  /** Called when the whole answer has been sent, or when there will be none. */
  readonly onAnswered: (number: number) => void;
}

type Upgrade = NonNullable<PlatformRequest['upgrade']>;
type Accept = Parameters<Upgrade>[0];

interface Connection {
  readonly peer: FakePeer;
  readonly connection: number;
  readonly port: 'api' | 'token';
  readonly origin: string;
}

/** The servers of the world: accept connections and pass requests to the platform. */
export class Bridge {
  readonly exchanges: Exchange[] = [];
  /** Requests so far. */
  requests = 0;
  readonly #options: BridgeOptions;
  readonly #live = new Set<FakePeer>();
  readonly #leaves = new Map<string, Uint8Array>();
  #connections = 0;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Connections accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  /** The server ends of the open connections. */
  get peers(): readonly FakePeer[] {
    return [...this.#live].filter((peer) => peer.connected);
  }

  /** Serves one root URL. */
  listen(url: string, port: 'api' | 'token'): void {
    const { hostname, port: number, protocol, origin } = new URL(url);
    const tls = protocol === 'https:';
    const usual = tls ? 443 : 80;
    this.#options.network.listen(
      hostname.replace(/^\[|\]$/g, ''),
      number === '' ? usual : Number(number),
      (peer) => this.#accept(peer, port, origin),
      { tls },
    );
  }

  #accept(peer: FakePeer, port: 'api' | 'token', origin: string): void {
    const connection = ++this.#connections;
    const counters = this.#options.platform.core.connections;
    counters.accepted += 1;
    counters.open += 1;
    this.#forgetDead();
    this.#live.add(peer);
    let pending: PeerReply | undefined;
    let socket: PeerSocket | undefined;
    const reader = new RequestReader({
      onRequest: (request) => {
        // Bytes after the end of the connection by the server are not read.
        if (!peer.connected) return;
        if (pending !== undefined) {
          malformed('a request before the last one was answered');
          return;
        }
        this.#carry(request, { peer, connection, port, origin }, (reply, becomes) => {
          pending = reply;
          socket = becomes;
        });
      },
      onMalformed: (what) => malformed(what),
    });
    const malformed = (what: string) => {
      this.#options.platform.malformed(what);
      peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', 'latin1'));
      peer.end();
    };
    // Bytes that were in transit when the connection was cut are dropped.
    peer.onData = (bytes) => {
      if (!this.#live.has(peer)) return;
      if (socket === undefined) reader.feed(bytes);
      else socket.feed(bytes);
    };
    peer.onClose = () => {
      if (!this.#live.delete(peer)) return;
      counters.open -= 1;
      pending?.closed();
      pending = undefined;
      socket?.closed();
    };
  }

  /** Removes dead connections: a machine without power does not close its connections. */
  #forgetDead(): void {
    if (this.#live.size < 64) return;
    for (const peer of this.#live) if (!peer.connected) this.#live.delete(peer);
  }

  /** @param hold called with the pending reply, and at its end, with the socket if the connection was upgraded */
  #carry(request: WireRequest, on: Connection, hold: (reply?: PeerReply, becomes?: PeerSocket) => void): void {
    const { platform } = this.#options;
    const number = ++this.requests;
    if (!this.#options.onRequest(request, number)) return;
    const exchange = this.#keep(request, number, on);
    let accept: Accept | undefined;
    let answered = 0;
    const reply = new PeerReply({
      peer: on.peer,
      onStatus: (status) => {
        answered = status;
        if (exchange !== undefined) exchange.status = status;
      },
      onDone: () => {
        const isSocket = answered === 101 && accept !== undefined;
        hold(
          undefined,
          isSocket ? new PeerSocket({ peer: on.peer, accept: accept as Accept, onMalformed }) : undefined,
        );
        this.#options.onAnswered(number);
      },
    });
    const onMalformed = (what: string) => platform.core.breach('websocket', what, '', `GET ${request.path}`);
    hold(reply);
    const leaf = this.#leafOf(on.peer);
    const { method, path, headers, repeatedHeaders, body, sizeBytes } = request;
    const { port, origin, connection } = on;
    // Member by member: a spread takes longer than the rest of this function.
    const carried: PlatformRequest = {
      method,
      path,
      headers,
      repeatedHeaders,
      body,
      sizeBytes,
      port,
      origin,
      connection,
    };
    this.#dispatch(carried, leaf, reply, (accepts) => {
      accept = accepts;
    });
    this.#options.onApplied(number);
  }

  #dispatch(request: PlatformRequest, leaf: Uint8Array | undefined, reply: PeerReply, upgrade: Upgrade): void {
    const { platform } = this.#options;
    if (request.headers['upgrade'] !== undefined) platform.handle({ ...request, upgrade }, reply);
    else if (leaf === undefined || request.port === 'api') platform.handle(request, reply);
    else platform.handle({ ...request, clientCertificate: { leaf } }, reply);
  }

  #keep(request: WireRequest, number: number, { connection, port }: Connection): Exchange | undefined {
    const { keepExchanges, network } = this.#options;
    if (keepExchanges === 0) return undefined;
    const { method, path, headers } = request;
    const atMs = network.time.nowMs;
    const body = Buffer.from(request.body).toString('utf8');
    const exchange: Exchange = { number, atMs, connection, port, method, path, headers, body, status: undefined };
    this.exchanges.push(exchange);
    // Dropped in blocks, because a removal moves the whole list.
    if (this.exchanges.length > keepExchanges * 1.1) {
      this.exchanges.splice(0, this.exchanges.length - keepExchanges);
    }
    return exchange;
  }

  /** The leaf of the chain that the device's TLS presents. */
  #leafOf(peer: FakePeer): Uint8Array | undefined {
    const name = peer.target.tls?.certificate;
    if (name === undefined) return undefined;
    let leaf = this.#leaves.get(name);
    if (leaf === undefined) {
      const pem = this.#options.resource(name);
      if (pem === undefined) return undefined;
      const certificate = new X509Certificate(pem);
      leaf = certificate.raw;
      // An enrolled certificate may be another one next time.
      if (!isEnrolled(name)) this.#leaves.set(name, leaf);
      // A handshake fails when the key does not match the certificate.
      else if (!certificate.checkPrivateKey(createPrivateKey(Buffer.from(pem)))) return undefined;
    }
    return leaf;
  }
}
