// SPDX-License-Identifier: Apache-2.0
/** The upgrade of a connection to a WebSocket (RFC 6455 §4.1). */

import { base64 } from '../bytes/base64.ts';
import { sha1 } from '../bytes/sha1.ts';
import { ascii, decodeUtf8 } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { type Identity, Method, RequestWriter } from './request.ts';

const REQUEST_BYTES = 768;
const REQUEST_MAX_BYTES = 4096;
const KEY_BYTES = 16;
const GUID = ascii('258EAFA5-E914-47DA-95CA-C5AB0DC85B11');
const UPGRADE = ascii('Upgrade: websocket');
const CONNECTION = ascii('Connection: Upgrade');
const VERSION = ascii('Sec-WebSocket-Version: 13');
const KEY = ascii('Sec-WebSocket-Key: ');
const PROTOCOL = ascii('Sec-WebSocket-Protocol: binary');

/** Each line takes memory of its own while it is checked. */
const LINES_MAX = 64;
/** The protocol of the platform's remote access, whatever the request asks for. */
const PROTOCOL_NAME = 'binary';

export interface UpgradeOptions {
  readonly identity: Identity;
  readonly userAgent: Uint8Array;
  /** ASCII. */
  readonly path: Uint8Array;
  /** Fills with bytes that nobody can guess. */
  readonly fillRandom: (into: Uint8Array) => void;
}

/** A request for a WebSocket, and the check of its answer. */
export class Upgrade {
  /** Undefined: the request does not fit, or contains bytes that must not be sent. */
  readonly request: RequestWriter | undefined;
  /** The expected Sec-WebSocket-Accept: RFC 6455 §4.2.2, step 5.4. */
  readonly #accept: string;

  constructor({ identity, userAgent, path, fillRandom }: UpgradeOptions) {
    const nonce = new Uint8Array(KEY_BYTES);
    fillRandom(nonce);
    const key = base64(nonce);
    this.#accept = textOf(
      base64(
        sha1(
          new ByteWriter(64, 64)
            .put(key)
            .put(GUID)
            .bytes.slice(0, key.length + GUID.length),
        ),
      ),
    );
    const request = new RequestWriter(REQUEST_BYTES, REQUEST_MAX_BYTES);
    request.userAgent = userAgent;
    request.identify(identity).start(Method.Get).given(path);
    for (const field of [UPGRADE, CONNECTION, VERSION, PROTOCOL]) request.extra(field);
    request.extra(
      new ByteWriter(64, 64)
        .put(KEY)
        .put(key)
        .bytes.slice(0, KEY.length + key.length),
    );
    request.headers(undefined, undefined);
    this.request = request.finish() ? request : undefined;
  }

  /** Why this head, complete with its empty line, does not begin a WebSocket; undefined when it does. */
  troubleOf(head: string): string | undefined {
    let count = 0;
    for (let at = head.indexOf('\r\n'); at >= 0; at = head.indexOf('\r\n', at + 2)) count++;
    if (count > LINES_MAX) return `more than ${LINES_MAX} lines`;
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = /^HTTP\/1\.1 ([1-9]\d\d)(?: |$)/.exec(statusLine)?.[1];
    if (status === undefined) return 'the answer is not HTTP/1.1';
    if (status !== '101') return `HTTP ${status}`;
    const fields = lines.filter((line) => line !== '').map((line) => /^([\w!#$%&'*+.^`|~-]+):([^\r\n]*)$/.exec(line));
    const valuesOf = (name: string) =>
      fields.filter((field) => field?.[1]?.toLowerCase() === name).map((field) => (field?.[2] ?? '').trim());
    if (fields.includes(null)) return 'an invalid field (RFC 9112 §5)';
    if (valuesOf('upgrade').join().toLowerCase() !== 'websocket') return 'no upgrade to a WebSocket (RFC 6455 §4.1)';
    if (!/(^|,)[ \t]*upgrade[ \t]*(,|$)/i.test(valuesOf('connection').join()))
      return 'no Connection: Upgrade (RFC 6455 §4.1)';
    if (valuesOf('sec-websocket-accept').join() !== this.#accept)
      return 'a Sec-WebSocket-Accept of another request (RFC 6455 §4.1)';
    if (valuesOf('sec-websocket-extensions').length > 0) return 'an extension that was not offered (RFC 6455 §4.1)';
    const protocols = valuesOf('sec-websocket-protocol').join();
    return protocols === '' || protocols === PROTOCOL_NAME
      ? undefined
      : 'a protocol that was not offered (RFC 6455 §4.1)';
  }
}

function textOf(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length);
}
