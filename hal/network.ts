// SPDX-License-Identifier: Apache-2.0
/** The part of the contract that is about the network: the link, and connections. The rules of hal.ts hold here too. */

export interface Network {
  /** True while a connection is worth trying. */
  readonly up: boolean;
  /** Own IP address; undefined while there is none. */
  readonly address: string | undefined;
  /** Strength of the radio signal; undefined where there is no radio. */
  readonly signalDbm: number | undefined;
  /** Called after `up` has changed. At most one listener. Where there is a radio it is switched on by this. */
  onChange(listener: (up: boolean) => void): void;
  /** Takes the link down and up again. */
  reset(): void;
  /** Which Wi-Fi it is; absent: that cannot be changed from afar. */
  readonly access?: NetworkAccess | undefined;
  /**
   * Opens a connection. Everything that becomes of it is told to `handler`, also failures. All addresses of a name are
   * tried until TCP is up, each for a bounded time while there is another one; what TLS finds wrong then is told at once.
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
 * Another network, on trial: `join`, and then `confirm` or `rollBack`. Until it is kept, the one before comes back with any restart and
 * any power cut.
 */
export interface NetworkAccess {
  /** Of the network that the link really has; undefined while it is down. */
  readonly name: string | undefined;
  /** How far the link is: `joined` without an address, `addressed` with all it needs. */
  readonly status: 'searching' | 'joined' | 'addressed';
  /** Attempts since `join` that the network, or the radio, has ended by itself: refused, or not there. 0 where nobody says. */
  readonly refusals: number;
  /** Whether every start begins with this one. */
  isKept(network: WifiNetwork): boolean;
  /**
   * Leaves the present network for this one. `up` is false at once, and until it is there; what was connected fails before that.
   * It is tried until `rollBack`. One that is on trial already is given up for it.
   */
  join(network: WifiNetwork): void;
  /**
   * What is on trial counts from now on, and at each start. All-or-nothing, also over a power cut. False when the flash
   * refuses: it is on trial still.
   */
  confirm(): boolean;
  /** Goes back to the one before, as `join` goes; nothing when none is on trial. */
  rollBack(): void;
}

export interface Target {
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
  /** Present: TLS (1.2 or newer), server name and chain verified. Absent: plain TCP. */
  readonly tls?: TlsOptions | undefined;
}

/** All by resource name: the private key never passes through the agent, but where it is made there (`enrolment`). */
export interface TlsOptions {
  /** CA certificates, PEM; absent: those the machine trusts. */
  readonly ca?: string | undefined;
  /** Client certificate chain, PEM, leaf first. */
  readonly certificate?: string | undefined;
  /** Key of the leaf, unencrypted PEM. */
  readonly privateKey?: string | undefined;
}

/** After `onEnd` or `onError` no further call comes; the stream still wants its `close()`. */
export interface StreamHandler {
  /** TCP (and TLS) is up; `onWritable` follows. */
  onOpen(): void;
  /** `count` bytes wait, all told. Called again only when more have come. */
  onReadable(count: number): void;
  /** `count` bytes are taken by the writes that follow, all told. Called again once they are used up and have left. */
  onWritable(count: number): void;
  /** The other side has closed in order, where the machine can tell. All it sent has been announced before. */
  onEnd(): void;
  /** The connection failed or never came up. `detail` is for a person and holds no secret. */
  onError(kind: NetworkErrorKind, detail: string): void;
}

export type NetworkErrorKind =
  /** The name of the host is not known. */
  | 'dns'
  | 'refused'
  /** No way there; also while the link is down. */
  | 'unreachable'
  | 'timeout'
  /** Broken off by the other side. */
  | 'reset'
  /** Gone for another reason: the link went down, or the other side closed while TLS was coming up. */
  | 'closed'
  /** The server's chain leads to no CA that is trusted. */
  | 'tls-untrusted'
  /** The server's certificate is for another name. */
  | 'tls-name'
  /** The server's certificate is not valid yet, or not any more. */
  | 'tls-date'
  /** Any other failure of TLS: the server refuses the client or its certificate, speaks no TLS or none that is new
   * enough, or one of the `TlsOptions` cannot be used. It may come after `onOpen` (TLS 1.3). */
  | 'tls-alert'
  | 'no-memory';

export interface ByteStream {
  /** Copies what waits into `into` from index `from`, at most up to `to`; returns how many bytes, 0 when none wait. */
  read(into: Uint8Array, from: number, to: number): number;
  /** Takes bytes `[from, to)`, copying them; returns how many, never more than announced. 0 once the stream has failed. */
  write(bytes: Uint8Array, from: number, to: number): number;
  /** Closes at once. Callable at any time, more than once. */
  close(): void;
}
