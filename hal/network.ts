// SPDX-License-Identifier: Apache-2.0
/** The part of the contract that is about the network: the link, and connections. The rules of hal.ts hold here too. */

/** The network of a machine: the link, and connections. */
export interface Network {
  /** True while a connection is worth trying. */
  readonly up: boolean;
  /** Own IP address; undefined while there is none. */
  readonly address: string | undefined;
  /** Strength of the radio signal; undefined without a radio. */
  readonly signalDbm: number | undefined;
  /** Called after `up` has changed. At most one listener. The call switches a radio on. */
  onChange(listener: (up: boolean) => void): void;
  /** Takes the link down and up again. */
  reset(): void;
  /** The access to Wi-Fi networks; absent: the network cannot be changed remotely. */
  readonly access?: NetworkAccess | undefined;
  /**
   * Opens a connection. `handler` gets all its events, also failures. All addresses of a name are tried until TCP is
   * up, each for a limited time while there are others; an error of TLS is reported at once.
   */
  connect(target: Target, handler: StreamHandler): ByteStream;
}

/** A Wi-Fi network. */
export interface WifiNetwork {
  /** 1 to 32 bytes of UTF-8, without control characters. */
  readonly name: string;
  /** 8 to 63 characters, or 64 hexadecimal digits; absent: an open network. Never shown, and never logged. */
  readonly password?: string | undefined;
}

/**
 * Joins another network on trial: `join`, and then `confirm` or `rollBack`. Until the network is kept, the one before
 * comes back with any restart and any power cut.
 */
export interface NetworkAccess {
  /** Name of the network that the link has; undefined while it is down. */
  readonly name: string | undefined;
  /** State of the link: `joined` without an address, `addressed` with everything it needs. */
  readonly status: 'searching' | 'joined' | 'addressed';
  /**
   * Number of attempts since `join` that failed: the network refused, or was not found. 0 where the machine cannot
   * tell.
   */
  readonly refusals: number;
  /** Whether every start begins with this network. */
  isKept(network: WifiNetwork): boolean;
  /**
   * Leaves the current network for this one. `up` is false at once, until the new link is up; connections fail before
   * that. The network is tried until `rollBack`. It replaces another network on trial.
   */
  join(network: WifiNetwork): void;
  /**
   * Keeps the network on trial, from now on and at each start. All-or-nothing, also over a power cut. False when the
   * flash refuses: it is still on trial.
   */
  confirm(): boolean;
  /** Returns to the network before, in the way of `join`; no effect without a network on trial. */
  rollBack(): void;
}

/** The other end of a connection, and its TLS. */
export interface Target {
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
  /** Present: TLS (1.2 or newer), server name and chain verified. Absent: plain TCP. */
  readonly tls?: TlsOptions | undefined;
}

/** Names of resources: the private key never passes through the agent, unless it is made there (`enrolment`). */
export interface TlsOptions {
  /** CA certificates, PEM; absent: those that the machine trusts. */
  readonly ca?: string | undefined;
  /** Client certificate chain, PEM, leaf first. */
  readonly certificate?: string | undefined;
  /** Key of the leaf, unencrypted PEM. */
  readonly privateKey?: string | undefined;
}

/**
 * Takes the events of a stream. After `onEnd` or `onError` no callback is called; the stream still needs its `close()`.
 */
export interface StreamHandler {
  /** TCP (and TLS) is up; `onWritable` follows. */
  onOpen(): void;
  /** `count` bytes wait in all. Called again only when more have arrived. */
  onReadable(count: number): void;
  /** The next writes take `count` bytes in all. Called again once these are used up and have left. */
  onWritable(count: number): void;
  /** The other side has closed in order, if the machine can tell. All its bytes have been announced before. */
  onEnd(): void;
  /** The connection failed or never came up. `detail` is for a person and holds no secret. */
  onError(kind: NetworkErrorKind, detail: string): void;
}

/** Why a connection has failed. */
export type NetworkErrorKind =
  /** The name of the host cannot be resolved. */
  | 'dns'
  | 'refused'
  /** There is no route; also while the link is down. */
  | 'unreachable'
  | 'timeout'
  /** The other side has broken the connection off. */
  | 'reset'
  /** Ended for another reason: the link went down, or the other side closed during the handshake of TLS. */
  | 'closed'
  /** The server's chain leads to no trusted CA. */
  | 'tls-untrusted'
  /** The server's certificate is for another name. */
  | 'tls-name'
  /** The server's certificate is not valid yet, or has expired. */
  | 'tls-date'
  /** Any other failure of TLS: the server refuses the client or its certificate, speaks no TLS or only an old version,
   * or one of the `TlsOptions` cannot be used. It may come after `onOpen` (TLS 1.3). */
  | 'tls-alert'
  | 'no-memory';

/** A connection, as a stream of bytes. */
export interface ByteStream {
  /** Copies waiting bytes into `into` from index `from`, at most up to `to`; returns how many, 0 when none wait. */
  read(into: Uint8Array, from: number, to: number): number;
  /** Takes bytes `[from, to)`, copying them; returns how many, never more than announced. 0 once the stream has failed. */
  write(bytes: Uint8Array, from: number, to: number): number;
  /** Closes at once. Callable at any time, more than once. */
  close(): void;
}
