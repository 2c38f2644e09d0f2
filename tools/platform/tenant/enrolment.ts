// SPDX-License-Identifier: Apache-2.0
/** Certificates of the tenant's own CA for devices: EST (RFC 7030), and the actions of people for it. */

import type { Call } from '../calls/call.ts';
import { formOf } from '../calls/multipart.ts';
import { operators, type Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { type Answer, invalid, PlatformError, textOf } from '../http/http.ts';
import type { JsonObject, PlatformRequest } from '../model.ts';
import type { Identification } from './auth.ts';
import { authorityPem, certify, type EnrolmentRequest, makeAuthority, readRequest } from './authority.ts';
import { certificatesOnly } from './certificates-only.ts';
import { deviceUserName } from './credentials.ts';
import { trust } from './tenant.ts';

/** The path that accepts a one-time password instead of credentials. */
export const enrolPath = '/.well-known/est/simpleenroll';
const reenrolPath = '/.well-known/est/simplereenroll';
const consumes = ['application/pkcs10'];

export const enrolmentRoutes: readonly Route[] = [
  { method: 'POST', path: enrolPath, users: ['device'], consumes, handle: enrol },
  { method: 'POST', path: reenrolPath, users: ['device'], consumes, handle: reenrol },
  { method: 'POST', path: '/certificate-authority', users: operators, handle: create },
  { method: 'POST', path: '/devicecontrol/bulkNewDeviceRequests', users: operators, handle: bulk },
];

/** Creates the tenant's own CA, and trusts it. Throws the platform's 409 when it has one. */
export function createTenantAuthority(core: Core): string {
  if (core.authorities.size > 0) throw new PlatformError(409, 'tenant/Duplicate', 'The tenant has a CA already');
  const authority = makeAuthority(core);
  core.authorities.set(core.tenant, authority);
  const pem = authorityPem(authority);
  trust(core, { name: `${core.tenant} certificate authority`, pem, autoRegistration: true });
  return pem;
}

/** Registers a one-time password for a device. Throws the platform's 422 for a password of a wrong length. */
export function registerForCertificate(core: Core, id: string, oneTimePassword: string): void {
  if (id === '' || id.length > 1000 || /[/\\$\s\p{Cc}]/u.test(id)) {
    throw invalid('id contains characters that are not allowed');
  }
  if (oneTimePassword.length < 8 || oneTimePassword.length > 32) throw invalid('ENROLLMENT_OTP has 8 to 32 characters');
  core.enrolments.set(id, { oneTimePassword, usedBy: undefined });
}

/**
 * Identifies the device that requests its first certificate: `deviceId:password`, optionally with the tenant before it.
 */
export function enrolmentIdentity(core: Core, request: PlatformRequest): Identification {
  const [scheme = '', value = ''] = (request.headers['authorization'] ?? '').split(/ +/, 2);
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const login = text.slice(0, Math.max(0, colon));
  const [tenant, id] = login.includes('/') ? login.split('/', 2) : [core.tenant, login];
  const name = deviceUserName(id ?? '');
  const user = { tenant: core.tenant, name, kind: 'device' as const, password: undefined, enabled: true };
  const enrolment = core.enrolments.get(id ?? '');
  const isRight = enrolment !== undefined && enrolment.oneTimePassword === text.slice(colon + 1);
  const isFree = enrolment?.usedBy === undefined;
  if (scheme.toLowerCase() === 'basic' && tenant === core.tenant && isRight && isFree) return { user };
  const error = new PlatformError(401, 'security/Unauthorized', 'Invalid credentials! : Bad credentials');
  return { user: undefined, holder: user, error };
}

function enrol(call: Call): undefined {
  const { core } = call;
  const id = call.user.name.slice(deviceUserName('').length);
  const request = requestOf(call, id);
  const enrolment = core.enrolments.get(id);
  if (enrolment !== undefined) enrolment.usedBy = call.number;
  if (core.findUser(core.tenant, call.user.name) === undefined) core.addUser(call.user);
  answer(call, request);
}

function reenrol(call: Call): undefined {
  const id = call.user.name.slice(deviceUserName('').length);
  answer(call, requestOf(call, id));
}

/** Reads the certificate request. Throws the platform's 422 when it is invalid or for another device. */
function requestOf(call: Call, id: string): EnrolmentRequest {
  const { headers, body } = call.request;
  const refuse = (what: string) => {
    call.breach('enrolment', what);
    return invalid(`Certificate request cannot be used: ${what}`);
  };
  if (headers['content-transfer-encoding']?.toLowerCase() !== 'base64')
    throw refuse('no Content-Transfer-Encoding: base64');
  const text = textOf(body) ?? '';
  if (!/^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(text)) throw refuse('the body is no base64');
  let request: EnrolmentRequest;
  try {
    request = readRequest(new Uint8Array(Buffer.from(text, 'base64')));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (request.name !== id) throw refuse(`it is for another name than ${id}`);
  return request;
}

/** Answers like the platform: regardless of Accept, BER of indefinite length, in lines of base64. */
function answer(call: Call, request: EnrolmentRequest): undefined {
  const authority = call.core.authorities.get(call.core.tenant);
  if (authority === undefined) {
    throw new PlatformError(500, 'general/internalError', 'The tenant has no certificate authority');
  }
  const content = certificatesOnly([certify(call.core, authority, request)]);
  const body = Buffer.from(`${Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`);
  call.begin(200, {
    'Content-Type': 'application/pkcs7-mime;smime-type=certs-only',
    'Content-Transfer-Encoding': 'base64',
    'Content-Length': String(body.length),
  });
  call.reply.end(body);
}

function create(call: Call): Answer {
  const pem = createTenantAuthority(call.core);
  return { status: 201, body: { certInPemFormat: pem, name: `${call.core.tenant} certificate authority` } };
}

/** Registers a table of devices, here only those that will get certificates, each with its one-time password. */
function bulk(call: Call): Answer {
  const lines = Buffer.from(formOf(call).bytes)
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const [head = '', ...rows] = lines;
  const separator = /[\t;,]/.exec(head)?.[0] ?? ',';
  const columns = head.split(separator).map((each) => each.trim().replace(/^"|"$/g, ''));
  const good: JsonObject[] = [];
  const bad: JsonObject[] = [];
  for (const line of rows) {
    const cells = line.split(separator).map((each) => each.trim().replace(/^"|"$/g, ''));
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    try {
      if (cell('AUTH_TYPE') !== 'CERTIFICATES') throw invalid('AUTH_TYPE: only CERTIFICATES here');
      registerForCertificate(call.core, cell('ID'), cell('ENROLLMENT_OTP'));
      good.push({ bulkNewDeviceStatus: 'CREATED', deviceId: cell('ID') });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      bad.push({ bulkNewDeviceStatus: 'FAILED', deviceId: cell('ID'), failureReason: error.message, line });
    }
  }
  const counts = { numberOfAll: rows.length, numberOfCreated: good.length, numberOfSuccessful: good.length };
  const body = { ...counts, numberOfFailed: bad.length, credentialUpdatedList: good, failedCreationList: bad };
  return { status: 201, media: 'bulknewdevicerequest', body };
}
