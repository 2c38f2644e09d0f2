// SPDX-License-Identifier: Apache-2.0

import { basic } from '../agent/uplink/credentials.ts';
import { targetOf } from '../agent/uplink/target.ts';
import { base64 } from '../bytes/base64.ts';
import { ascii, NO_BYTES, utf8 } from '../bytes/text.ts';
import type { Config } from '../config.ts';
import { readToken } from '../cumulocity/access-token.ts';
import { Media, Path } from '../cumulocity/wire.ts';
import { Channel } from '../http/channel.ts';
import { type Identity, identityOf, Method } from '../http/request.ts';
import { Enquiry } from './enquiry.ts';
import type { EnrolmentBase } from './enroller-base.ts';
import type { KeyPair } from './key.ts';
import type { Arithmetic } from './p256.ts';
import { certificationRequest, MOST_NAME_BYTES } from './request.ts';

/** RFC 7030 §3.2.2. */
const SIMPLE_ENROL = /* @__PURE__ */ ascii('/.well-known/est/simpleenroll');
const SIMPLE_REENROL = /* @__PURE__ */ ascii('/.well-known/est/simplereenroll');
/** RFC 7030 §4.2.1; the platform requires a name of the encoding. */
const PKCS10 = /* @__PURE__ */ ascii('application/pkcs10');
const BASE64 = /* @__PURE__ */ ascii('Content-Transfer-Encoding: base64');

/** Why a device with this id gets no certificate; undefined: it may get one. */
export function nameFault(deviceId: string): string | undefined {
  if (utf8(deviceId).length <= MOST_NAME_BYTES) return undefined;
  return `deviceId: it becomes the name in a certificate, which has at most ${MOST_NAME_BYTES} bytes`;
}

/** Why a device gets no first certificate; undefined: it may get one. */
export function passwordFault(config: Config): string | undefined {
  if (config.given('bootstrapPassword') === undefined)
    return 'bootstrapPassword: missing; it is the one-time password of this device';
  // RFC 7617 §2: the platform would read the part after the colon as the password.
  return config.deviceId.includes(':') ? 'deviceId: a colon is not allowed where it is a user name' : undefined;
}

/** The body of a request for a certificate (RFC 7030 §4.2.1). */
export function requestBody({ config }: EnrolmentBase, key: KeyPair, arithmetic: Arithmetic): Uint8Array {
  return base64(certificationRequest(config.deviceId, key, arithmetic));
}

/** Requests a first certificate, with the device id and the one-time password. */
export function askFirst(agent: EnrolmentBase, body: Uint8Array, onEnd: () => void): Enquiry {
  const { config } = agent;
  return askAs(
    agent,
    identityOf(ascii(config.endpoint.authority), basic(config.deviceId, config.text('bootstrapPassword'))),
    SIMPLE_ENROL,
    body,
    onEnd,
  );
}

/** Requests the next certificate, with the identity of this device. */
export function askNext(agent: EnrolmentBase, body: Uint8Array, onEnd: () => void): Enquiry {
  return askAs(agent, agent.uplink.requests.identity, SIMPLE_REENROL, body, onEnd);
}

function askAs(
  { config, uplink }: EnrolmentBase,
  identity: Identity,
  path: Uint8Array,
  body: Uint8Array,
  onEnd: () => void,
): Enquiry {
  const target = targetOf(config.endpoint, { ca: config.ca });
  const channel = new Channel({ transport: uplink.transport, target, identity });
  return new Enquiry(
    channel,
    (request) => void request.start(Method.Post).put(path).extra(BASE64).headers(PKCS10, undefined).put(body),
    onEnd,
  );
}

/** Requests a token, with the certificate of this slot. */
export function askToken({ config, uplink }: EnrolmentBase, slot: string, onEnd: () => void): Enquiry {
  const { tokenEndpoint, ca } = config;
  const target = targetOf(tokenEndpoint, { ca, certificate: slot, privateKey: slot });
  const identity = identityOf(ascii(tokenEndpoint.authority), NO_BYTES);
  const channel = new Channel({ transport: uplink.transport, target, identity });
  return new Enquiry(
    channel,
    (request) => void request.start(Method.Post).put(Path.AccessToken).headers(undefined, Media.Json),
    onEnd,
  );
}

/** Whether the answer to `askToken` contains a token. */
export function hasToken({ head, body }: Enquiry): boolean {
  return head?.isSuccess === true && readToken(body) !== undefined;
}
