// SPDX-License-Identifier: Apache-2.0
/** The messages of a handshake, and when each may come. */

/** RFC 5246 §7.4. */
export const Message = {
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

/** What is waited for. */
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

/** By step: which messages may come (RFC 5246 §7.3). None comes twice. */
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

/** Ample for what servers send; the heap of the smallest chip has room for it. */
export const MOST_BYTES: Readonly<Record<number, number>> = {
  [Message.ServerHello]: 512,
  [Message.Certificate]: 10_240,
  [Message.ServerKeyExchange]: 1024,
  [Message.CertificateRequest]: 10_240,
  [Message.ServerHelloDone]: 0,
  [Message.Finished]: 12,
};
