// SPDX-License-Identifier: Apache-2.0
/** What the tests use of it; it brings no types. */
declare module 'dns-packet' {
  export interface Question {
    readonly name: string;
    readonly type: string;
    readonly class?: string;
  }

  export interface Answer {
    readonly name: string;
    readonly type: string;
    readonly class?: string;
    readonly ttl?: number;
    readonly data: unknown;
  }

  export interface Packet {
    readonly type?: 'query' | 'response';
    readonly id?: number;
    /** Bits, the rcode among them. */
    readonly flags?: number;
    readonly questions?: readonly Question[];
    readonly answers?: readonly Answer[];
    readonly authorities?: readonly Answer[];
    readonly additionals?: readonly Answer[];
  }

  const packet: {
    encode(packet: Packet): Uint8Array;
    decode(bytes: Uint8Array): Required<Packet> & { readonly flag_rd: boolean };
    readonly AUTHORITATIVE_ANSWER: number;
    readonly TRUNCATED_RESPONSE: number;
    readonly RECURSION_DESIRED: number;
    readonly RECURSION_AVAILABLE: number;
  };
  export default packet;
}
