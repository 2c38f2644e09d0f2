// SPDX-License-Identifier: Apache-2.0

import type { Target } from '../../hal/hal.ts';
import { ascii } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Endpoint } from '../endpoint.ts';
import { Channel } from './channel.ts';
import type { Failure } from './failure.ts';
import { identityOf, type RequestWriter } from './request.ts';
import type { ResponseHead } from './response.ts';
import type { Transport } from './transport.ts';

/** One request on a connection of its own. `onAnswer` or `onFail` is called once. */
export interface SingleExchange {
  readonly endpoint: Endpoint;
  readonly target: Target;
  readonly authorization: Uint8Array;
  write(request: RequestWriter): void;
  /** `body` is the content; beyond 4 KB it has `overflowed`. */
  onAnswer(head: ResponseHead, body: ByteWriter): void;
  /** `detail` is for a person, and may be empty. */
  onFail(failure: Failure, detail: string): void;
}

const BODY_BYTES = 64;
const BODY_MAX_BYTES = 4096;

/** Sends the request and closes the connection. The request must be safe to repeat. */
export function exchangeOnce(transport: Transport, single: SingleExchange): void {
  const { endpoint, target, authorization } = single;
  const channel = new Channel({ transport, target, identity: identityOf(ascii(endpoint.authority), authorization) });
  const body = new ByteWriter(BODY_BYTES, BODY_MAX_BYTES);
  channel.send({
    idempotent: true,
    silenceMs: 0,
    write(request) {
      single.write(request);
      return request.finish();
    },
    onHead() {},
    onBody(bytes, from, to) {
      body.putRange(bytes, from, to);
    },
    onDone(head) {
      channel.close();
      single.onAnswer(head, body);
    },
    onFail(failure) {
      const { detail } = channel;
      channel.close();
      single.onFail(failure, detail);
    },
  });
}
