// SPDX-License-Identifier: Apache-2.0

import { createSocket } from 'node:dgram';

/** What a time server may say otherwise than it should. */
export interface NtpAnswer {
  readonly leap?: number;
  readonly version?: number;
  readonly mode?: number;
  readonly stratum?: number;
  /** Four letters. */
  readonly reference?: string;
  readonly receivedMs?: number;
  readonly sentMs?: number;
}

const UNIX_SECONDS = 2_208_988_800;

/** The answer of a time server (RFC 5905 §7.3) for which it is `nowMs`. */
export function ntpAnswer(request: Uint8Array, nowMs: number, answer: NtpAnswer = {}): Uint8Array {
  const { leap = 0, version = 4, mode = 4, stratum = 2, reference = '', receivedMs = nowMs, sentMs = nowMs } = answer;
  const bytes = new Uint8Array(48);
  bytes[0] = (leap << 6) | (version << 3) | mode;
  bytes[1] = stratum;
  bytes.set(Buffer.from(reference), 12);
  bytes.set(request.subarray(40, 48), 24);
  writeTimestamp(bytes, 32, receivedMs);
  writeTimestamp(bytes, 40, sentMs);
  return bytes;
}

/** Negative infinity: none. */
function writeTimestamp(bytes: Uint8Array, at: number, epochMs: number): void {
  if (!Number.isFinite(epochMs)) return;
  const view = new DataView(bytes.buffer);
  const seconds = Math.floor(epochMs / 1000);
  view.setUint32(at, (seconds + UNIX_SECONDS) % 2 ** 32);
  view.setUint32(at + 4, Math.floor(((epochMs - seconds * 1000) / 1000) * 2 ** 32));
}

export interface NtpServer {
  /** As in the key `ntpServers`. */
  readonly name: string;
  /** Questions so far. */
  readonly requests: readonly Uint8Array[];
  close(): void;
}

/** On this machine. Says nothing when `answer` gives nothing. */
export async function startNtpServer(answer: (request: Uint8Array) => Uint8Array | undefined): Promise<NtpServer> {
  const requests: Uint8Array[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (request, { address, port }) => {
    requests.push(request);
    const bytes = answer(request);
    if (bytes !== undefined) socket.send(bytes, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { name: `127.0.0.1:${socket.address().port}`, requests, close: () => socket.close() };
}
