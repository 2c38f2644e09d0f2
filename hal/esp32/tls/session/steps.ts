// SPDX-License-Identifier: Apache-2.0
/** The messages of a handshake, and the steps at which each may arrive. */

/** Message types (RFC 5246 §7.4). */
export const Message = {
  HelloRequest: 0,
  ClientHello: 1,
  ServerHello: 2,
  Certificate: 11,
  ServerKeyExchange: 12,
  CertificateRequest: 13,
  ServerHelloDone: 14,
  CertificateVerify: 15,
  ClientKeyExchange: 16,
  Finished: 20,
} as const;

/** The steps of the handshake, by the awaited message. */
export const Step = {
  Hello: 0,
  Certificate: 1,
  KeyExchange: 2,
  Request: 3,
  Done: 4,
  Cipher: 5,
  Finished: 6,
  Open: 7,
} as const;

/** The messages allowed at each step (RFC 5246 §7.3). No message comes twice. */
export const EXPECTED: readonly (readonly number[])[] = [
  [Message.ServerHello],
  [Message.Certificate],
  [Message.ServerKeyExchange],
  [Message.CertificateRequest, Message.ServerHelloDone],
  [Message.ServerHelloDone],
  [],
  [Message.Finished],
  [],
];

/** Most bytes of each message: more than servers send, and less than the free heap of the smallest chip. */
export const MOST_BYTES: Readonly<Record<number, number>> = {
  [Message.ServerHello]: 512,
  [Message.Certificate]: 10_240,
  [Message.ServerKeyExchange]: 1024,
  [Message.CertificateRequest]: 10_240,
  [Message.ServerHelloDone]: 0,
  [Message.Finished]: 12,
};
