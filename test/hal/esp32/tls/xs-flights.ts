// SPDX-License-Identifier: Apache-2.0

import { Resumption } from '../../../../hal/esp32/tls/session/resumption.ts';
import { TlsSession } from '../../../../hal/esp32/tls/session/session.ts';
import type { XsListener } from '../../../../hal/xs/host.ts';
import { Op } from '../../../../hal/xs/protocol.ts';
import { counts } from './sdk/none.ts';

/** In hex, of flights.ts. */
declare const FLIGHT_0: string;
declare const FLIGHT_1: string;
declare const FLIGHT_2: string;
declare const FLIGHT_3: string;
declare const FLIGHT_4: string;
declare const FLIGHT_5: string;
declare const FLIGHT_6: string;
declare const FLIGHT_7: string;
declare const FLIGHT_8: string;
declare const FLIGHT_9: string;
declare const BALLAST_SLOTS: number;
declare const BALLAST_BYTES: number;
declare const ROOT_HEX: string;

/** In flash: what a server says is in no heap before it is read. */
const INPUTS = [FLIGHT_0, FLIGHT_1, FLIGHT_2, FLIGHT_3, FLIGHT_4, FLIGHT_5, FLIGHT_6, FLIGHT_7, FLIGHT_8, FLIGHT_9].map(
  bytesOf,
);
const CA = bytesOf(ROOT_HEX);

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** One event for each flight: a session that reads it, piece by piece, as sockets have it. */
export function main(): void {
  // Two slots each.
  let ballast: { rest: unknown } = { rest: new ArrayBuffer(BALLAST_BYTES) };
  for (let slots = 2; slots < BALLAST_SLOTS; slots += 2) ballast = { rest: ballast };
  const meet = (input: Uint8Array) => {
    let at = 0;
    const carrier = {
      readable: 0,
      read(into: Uint8Array, from: number, to: number) {
        for (let i = from; i < to; i++) into[i] = input[at++] as number;
        carrier.readable -= to - from;
      },
      write() {},
    };
    counts.signatures = 0;
    let said = 'nothing';
    try {
      const session = new TlsSession(carrier, {
        trust: {
          host: 'device.example.localhost',
          time: { ms: 1.7e12, exact: true },
          ca: CA,
          certificate: undefined,
          privateKey: undefined,
        },
        serverName: undefined,
        resumption: new Resumption('any'),
        random: (byteLength) => new Uint8Array(byteLength),
      });
      session.advance();
      for (let rest = input.length; rest > 0; rest -= 1436) {
        carrier.readable += Math.min(rest, 1436);
        session.advance();
      }
    } catch (error) {
      said = (error as Error).message;
    }
    xsHost.send(Op.Log, 0, 0, 0, `${counts.signatures} ${ballast && said}`);
  };
  const listener: XsListener = { event: (_op, id) => meet(INPUTS[id] as Uint8Array) };
  xsHost.listen(listener);
  for (let id = 0; id < INPUTS.length; id++) xsHost.send(Op.TimerStart, id, 0, 0);
}
