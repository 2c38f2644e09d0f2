// SPDX-License-Identifier: Apache-2.0
/** Rules for every request of a device. */

import { isHost } from '../http/headers.ts';
import { isKnown } from '../http/hosts.ts';
import { invalid, mediaTypeOf, PlatformError, vendorType } from '../http/http.ts';
import type { Call } from './call.ts';
import type { Route } from './router.ts';

/**
 * Checks headers, framing and host of a request. Throws the platform's 400 for an invalid host, and its 422 for a body
 * without a length.
 */
export function checkHeaders(call: Call): void {
  const { headers, repeatedHeaders = [] } = call.request;
  if (repeatedHeaders.length > 0) call.breach('header', `repeated: ${repeatedHeaders.join(', ')}`);
  if (headers['x-cumulocity-application-key'] !== undefined) call.breach('application-key', 'header sent by a device');
  checkHost(call);
  if (!call.isDevice || headers['transfer-encoding'] === undefined) return;
  if (headers['content-length'] !== undefined) call.breach('header', 'both Content-Length and Transfer-Encoding');
  call.breach('content-length', `Transfer-Encoding: ${headers['transfer-encoding']}`);
  throw invalid('Content-Length is required');
}

/** Checks the Content-Type of a body. Throws the platform's 415 for one that the resource does not accept. */
export function checkMediaType(call: Call, route: Route): void {
  if (route.consumes === undefined || call.request.body.length === 0) return;
  const types = route.consumes.map((name) => (name.includes('/') ? name : vendorType(name)));
  const { bodyType } = call;
  if (types.includes(bodyType)) return;
  call.breach('media-type', bodyType === '' ? 'no Content-Type' : `${bodyType} instead of ${types.join(' or ')}`);
  if (bodyType !== 'application/json') {
    throw new PlatformError(
      415,
      'general/Unsupported Media Type',
      `Content-Type ${mediaTypeOf(bodyType)} is not supported`,
    );
  }
}

/**
 * Checks that the Host header, and the authority of an absolute target, name this server. Throws the platform's 400.
 */
function checkHost(call: Call): void {
  const { headers, origin, path } = call.request;
  const host = headers['host'];
  if (host !== undefined && !isHost(host)) {
    call.breach('host', `Host: ${JSON.stringify(host)}`);
    throw new PlatformError(400, 'undefined/invalidInput', 'Host cannot be read');
  }
  const { hosts } = call.core.settings;
  if (!isKnown(host ?? '', origin, hosts)) call.breach('host', `Host: ${host ?? ''}`);
  const absolute = /^https?:\/\/([^/]*)/i.exec(path);
  if (absolute !== null && !isKnown(absolute[1] ?? '', origin, hosts)) call.breach('host', `target ${absolute[0]}`);
}
