// SPDX-License-Identifier: Apache-2.0
/**
 * What tools/xs/host/board.c puts into the global `xsHost`. Nothing but `text` and `flash` allocates. Before the
 * machine runs, while the bundle is evaluated, each of these throws, as on a board.
 */
export interface XsHost {
  /** Takes all events from now on. An object, because a closure would be one more on the small stack of the machine. */
  listen(listener: XsListener): void;
  /** Sends `text` and then bytes `[from, to)` of `view`, and goes on. */
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
  /** The same, and waits for the number that comes back. @throws what the other side has thrown. */
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

  /* The payload of the last reply, or of the event that is handled as long as nothing was called. */

  /** In bytes. */
  length(): number;
  text(): string;
  /** Copies into `view` from index `from`, at most up to `to`. */
  copy(view: Uint8Array, from: number, to: number): void;
  /** The 64-bit number at index `i`; NaN beyond the end. */
  number(i: number): number;
  /** As a read-only buffer outside the heap. */
  flash(): ArrayBuffer;

  /** Makes room for what comes in on stream `id`; returns how many bytes, 0 when there is no place. */
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
  /** `arg` and `value` are what the operation says in protocol.ts. */
  event(op: number, id: number, arg: number, value: number): void;
}

declare global {
  const xsHost: XsHost;
}
