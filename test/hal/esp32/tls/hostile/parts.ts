// SPDX-License-Identifier: Apache-2.0
/** What servers that do wrong are made of. */
import { done, honest, type ImpostorOptions, message, type Parts, serverHello, vector } from '../impostor.ts';

export interface Case {
  readonly name: string;
  readonly options: Partial<ImpostorOptions>;
  /** `end`, or the failure: its kind, and a part of its detail. */
  readonly end: string;
  /** What the server is told, as a number (RFC 5246 §7.2); undefined: it is encrypted. */
  readonly alert?: number;
  /** Signatures that are checked for it. */
  readonly signatures?: number;
}

export const record = (type: number, ...bytes: readonly number[]) =>
  Buffer.from([type, 3, 3, bytes.length >> 8, bytes.length & 0xff, ...bytes]);
/** A record that is announced, and never comes. */
export const announced = (type: number, length: number) => Buffer.from([type, 3, 3, length >> 8, length & 0xff]);
export const extensions = (...list: readonly (readonly [type: number, value: readonly number[]])[]) =>
  Buffer.concat([
    Buffer.from([0]),
    vector(
      2,
      Buffer.concat(list.map(([type, value]) => Buffer.from([type >> 8, type & 0xff, 0, value.length, ...value]))),
    ),
  ]);
export const times = (count: number, message: Buffer) => new Array<Buffer>(count).fill(message);
/** The flight with another ServerHello. */
export const hello =
  (changes: Parameters<typeof serverHello>[1]) =>
  (parts: Parts): Buffer[] => [serverHello(parts.random, changes), ...honest(parts).slice(1)];
export const exchange =
  (change: (parts: Parts) => Buffer) =>
  (parts: Parts): Buffer[] => [...honest(parts).slice(0, 2), change(parts), done];
/** With another body of the same message. */
export const cut = (from: Buffer, change: (body: Buffer) => Buffer) => message(from[0] ?? 0, change(from.subarray(4)));
