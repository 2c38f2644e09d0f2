// SPDX-License-Identifier: Apache-2.0

import { createSocket } from 'node:dgram';
import packet, { type Answer, type Packet } from 'dns-packet';

export const RCODES = { formatError: 1, serverFailure: 2, nameError: 3, refused: 5 } as const;

/** `a.example. 60 A 192.0.2.1`, for each address. */
export function addressRecords(name: string, addresses: readonly string[], ttl = 60): Answer[] {
  return addresses.map((data) => ({ name, type: 'A', ttl, data }));
}

export function alias(name: string, data: string, ttl = 60): Answer {
  return { name, type: 'CNAME', ttl, data };
}

/** The answer of a server that looks up names for others. */
export function dnsAnswer(request: Uint8Array, answers: readonly Answer[], more: Packet & { rcode?: number } = {}) {
  const { id, questions } = packet.decode(Buffer.from(request));
  const { rcode = 0, flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE, ...rest } = more;
  return new Uint8Array(packet.encode({ type: 'response', id, questions, answers, ...rest, flags: flags | rcode }));
}

/** The name that is asked for. */
export function nameOf(request: Uint8Array): string {
  return packet.decode(Buffer.from(request)).questions[0]?.name ?? '';
}

export interface NameServer {
  /** With a colon between them. */
  readonly addressAndPort: string;
  /** Names that were asked for so far. */
  readonly names: readonly string[];
  close(): void;
}

/** On this machine. Sends whatever `answer` gives: several datagrams, one, or none. */
export async function startNameServer(
  answer: (request: Uint8Array) => readonly Uint8Array[],
  port = 0,
): Promise<NameServer> {
  const names: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    names.push(nameOf(request));
    for (const bytes of answer(request)) socket.send(bytes, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, '127.0.0.1', resolve));
  return { addressAndPort: `127.0.0.1:${socket.address().port}`, names, close: () => socket.close() };
}
