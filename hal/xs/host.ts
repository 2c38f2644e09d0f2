// SPDX-License-Identifier: Apache-2.0
/**
 * Functions that tools/xs/host/board.c puts into the global `xsHost`. Only `text` and `flash` allocate. Before the
 * machine runs, while the bundle is evaluated, each of them throws, as on a board.
 */
export interface XsHost {
  /**
   * Sets the receiver of all events from now on. An object, because a closure would be one more call on the small
   * stack.
   */
  listen(listener: XsListener): void;
  /** Sends `text` and then bytes `[from, to)` of `view`, without waiting. */
  send(
    op: number,
    id: number,
    arg: number,
    value?: number,
    text?: string,
    view?: Uint8Array,
    from?: number,
    to?: number,
  ): void;
  /** As `send`, and waits for the number in the reply. @throws the exception of the other side */
  call(
    op: number,
    id: number,
    arg: number,
    value?: number,
    text?: string,
    view?: Uint8Array,
    from?: number,
    to?: number,
  ): number;

  /* The payload of the last reply, or, until the first call, of the event that is handled. */

  /** Its length in bytes. */
  length(): number;
  text(): string;
  /** Copies into `view` from index `from`, at most up to `to`. */
  copy(view: Uint8Array, from: number, to: number): void;
  /** The 64-bit number at index `i`; NaN beyond the end. */
  number(i: number): number;
  /** A read-only buffer outside the heap. */
  flash(): ArrayBuffer;

  /** Makes room for incoming bytes of stream `id`; returns how many bytes, 0 when there is no room. */
  open(id: number): number;
  close(id: number): void;
  read(id: number, view: Uint8Array, from: number, to: number): number;

  ticks(): number;
  /** NaN while the time is unknown. */
  now(): number;
  freeBytes(): number;
  largestFreeBlockBytes(): number;
  /** Ends the machine after this event. */
  halt(reason: string): void;
}

export interface XsListener {
  /** `arg` and `value` are described at the operation in protocol.ts. */
  event(op: number, id: number, arg: number, value: number): void;
}

declare global {
  const xsHost: XsHost;
}
