/** What every request of a device must keep, whatever it is for. */

import type { Call } from './call.ts';
import { invalid, mediaTypeOf, PlatformError, vendorType } from './http.ts';
import type { Route } from './router.ts';

/** Headers, framing and host of a request. Throws the platform's 422 for a body without a length. */
export function checkHeaders(call: Call): void {
  if (!call.isDevice) return;
  const { headers, repeatedHeaders = [] } = call.request;
  if (repeatedHeaders.length > 0) call.breach('header', `repeated: ${repeatedHeaders.join(', ')}`);
  if (headers['x-cumulocity-application-key'] !== undefined) call.breach('application-key', 'header sent by a device');
  checkHost(call);
  if (headers['transfer-encoding'] === undefined) return;
  if (headers['content-length'] !== undefined) call.breach('header', 'both Content-Length and Transfer-Encoding');
  call.breach('content-length', `Transfer-Encoding: ${headers['transfer-encoding']}`);
  throw invalid('Content-Length is required');
}

/** The Host header, and the authority of an absolute target, name this server. */
function checkHost(call: Call): void {
  const { headers, origin, path } = call.request;
  const { host = '' } = headers;
  if (!isSameHost(host, origin)) call.breach('host', `Host: ${host}`);
  const absolute = /^https?:\/\/[^/]*/i.exec(path)?.[0];
  if (absolute !== undefined && !isSameHost(absolute.replace(/^https?:\/\//i, ''), origin)) {
    call.breach('host', `target ${absolute}`);
  }
}

/** Each pair is looked at once. */
function isSameHost(host: string, origin: string): boolean {
  const pair = `${origin} ${host}`;
  let is = known.get(pair);
  if (is === undefined) {
    is = areSame(host, origin);
    if (known.size >= maxKnown) known.clear();
    known.set(pair, is);
  }
  return is;
}

const known = new Map<string, boolean>();
const maxKnown = 1000;

function areSame(host: string, origin: string): boolean {
  const { hostname, port, protocol } = new URL(origin);
  if (everyAddress.includes(hostname)) return true;
  const parts = /^(.+?)(?::(\d+))?$/.exec(host);
  const preset = protocol === 'https:' ? '443' : '80';
  if (parts === null || (parts[2] ?? preset) !== (port === '' ? preset : port)) return false;
  const name = parts[1]?.toLowerCase();
  return name === hostname || (loopback.includes(hostname) && name !== undefined && loopback.includes(name));
}

/** A server that listens on all addresses cannot tell which of them is meant. */
const everyAddress = ['0.0.0.0', '[::]'];
const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Content-Type of a body. Throws the platform's 415 for one that the resource does not take. */
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
