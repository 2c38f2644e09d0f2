// SPDX-License-Identifier: Apache-2.0
/** The datagrams of SNTP for a client (RFC 4330 §4; the header is that of RFC 5905 §7.3). */

const PACKET_BYTES = 48;
const VERSION = 4;
const CLIENT = 3;
const SERVER = 4;
/** The leap indicator of a server that has no time itself. */
const UNSYNCHRONIZED = 3;
const MOST_STRATUM = 15;
/* Positions of the fields. */
const STRATUM = 1;
const REFERENCE = 12;
const ORIGINATE = 24;
const RECEIVE = 32;
const TRANSMIT = 40;
const TIMESTAMP_BYTES = 8;

/** Seconds from 1900, where timestamps begin, to 1970. */
const UNIX_SECONDS = 2_208_988_800;
const ERA_SECONDS = 2 ** 32;

/** The times at which the server received the request and sent the answer, in epoch ms with fractions. */
export interface Answer {
  readonly receivedMs: number;
  readonly sentMs: number;
}

/**
 * Writes a request. Its transmit timestamp is random (RFC 4330 §5 allows it: the server only returns it), so that only
 * a host that has seen the request can answer, and nobody learns the time of this clock.
 */
export function writeRequest(fillRandom: (into: Uint8Array) => void): Uint8Array {
  const request = new Uint8Array(PACKET_BYTES);
  request[0] = (VERSION << 3) | CLIENT;
  fillRandom(request.subarray(TRANSMIT));
  return request;
}

/**
 * Reads the answer to `request`. A text: the code of a kiss of death (stratum 0, RFC 5905 §7.4); undefined: the
 * datagram is no credible answer (RFC 4330 §5).
 */
export function readAnswer(datagram: Uint8Array, request: Uint8Array): Answer | string | undefined {
  if (datagram.length < PACKET_BYTES) return undefined;
  const first = datagram[0] as number;
  if ((first & 7) !== SERVER || ((first >> 3) & 7) !== VERSION) return undefined;
  for (let i = 0; i < TIMESTAMP_BYTES; i++) {
    if (datagram[ORIGINATE + i] !== request[TRANSMIT + i]) return undefined;
  }
  const stratum = datagram[STRATUM] as number;
  // Before the check of the leap indicator, because a kiss of death also has that of a server without a time.
  if (stratum === 0) return String.fromCharCode(...datagram.subarray(REFERENCE, REFERENCE + 4));
  if (stratum > MOST_STRATUM || first >> 6 === UNSYNCHRONIZED) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const receivedMs = readTimestamp(view, RECEIVE);
  const sentMs = readTimestamp(view, TRANSMIT);
  return sentMs >= receivedMs ? { receivedMs, sentMs } : undefined;
}

/**
 * Epoch ms; NaN: there is none. Timestamps wrap in 2036: one without its highest bit is of the next era (RFC 4330 §3).
 */
function readTimestamp(view: DataView, at: number): number {
  const seconds = view.getUint32(at);
  const fraction = view.getUint32(at + 4);
  if (seconds === 0 && fraction === 0) return NaN;
  const era = seconds >= ERA_SECONDS / 2 ? 0 : ERA_SECONDS;
  return (seconds + era - UNIX_SECONDS + fraction / ERA_SECONDS) * 1000;
}
