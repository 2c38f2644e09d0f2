// SPDX-License-Identifier: Apache-2.0
/** Resources for operators: the current tenant, trusted certificates, device users. */

import { X509Certificate } from 'node:crypto';
import type { Call } from '../calls/call.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import type { TrustedCertificate } from '../core/token-book.ts';
import { type Answer, invalid, missingFields, notFound, PlatformError, textMember } from '../http/http.ts';
import type { JsonObject, User } from '../model.ts';

const certificates = '/tenant/tenants/{tenant}/trusted-certificates';

export const tenantRoutes: readonly Route[] = [
  { method: 'GET', path: '/tenant/currentTenant', handle: currentTenant },
  { method: 'GET', path: '/user/currentUser', handle: (call) => answerUser(call, call.user) },
  { method: 'GET', path: '/user/{tenant}/users/{name}', users: operators, handle: readUser },
  { method: 'PUT', path: '/user/{tenant}/users/{name}', users: operators, handle: updateUser },
  { method: 'GET', path: certificates, users: operators, handle: listCertificates },
  { method: 'POST', path: certificates, users: operators, handle: createCertificate },
  {
    method: 'GET',
    path: `${certificates}/{fingerprint}`,
    users: operators,
    handle: (call) => ({ status: 200, body: renderCertificate(call, findCertificate(call)) }),
  },
  { method: 'PUT', path: `${certificates}/{fingerprint}`, users: operators, handle: updateCertificate },
  {
    method: 'DELETE',
    path: `${certificates}/{fingerprint}`,
    users: operators,
    handle: (call) => {
      call.core.certificates.delete(findCertificate(call).fingerprint);
      return { status: 204 };
    },
  },
];

function currentTenant(call: Call): Answer {
  const name = call.core.tenant;
  const domainName = new URL(call.base).host;
  return {
    status: 200,
    media: 'currenttenant',
    body: { name, domainName, allowCreateTenants: false, customProperties: {} },
  };
}

function answerUser(call: Call, user: User): Answer {
  const self = `${call.base}/user/${user.tenant}/users/${user.name}`;
  const body = { id: user.name, userName: user.name, enabled: user.enabled, self, effectiveRoles: [] };
  return { status: 200, media: 'user', body };
}

function findUser(call: Call): User {
  const user = call.core.findUser(call.param(0), call.param(1));
  if (user === undefined) throw notFound('user', `No user ${call.param(1)}`);
  return user;
}

function readUser(call: Call): Answer {
  return answerUser(call, findUser(call));
}

function updateUser(call: Call): Answer {
  const user = findUser(call);
  const { enabled, password } = call.document();
  if (typeof enabled === 'boolean') user.enabled = enabled;
  if (typeof password === 'string') user.password = password;
  return answerUser(call, user);
}

/** Trusts a CA. Throws the platform's 409 and 422. */
export function trust(
  core: Core,
  options: { name: string; pem: string; autoRegistration: boolean; enabled?: boolean },
): TrustedCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(options.pem);
  } catch {
    throw invalid('certInPemFormat is not a certificate');
  }
  if (!certificate.ca) throw invalid('Certificate is not a CA (basic constraints)');
  const fingerprint = certificate.fingerprint.replaceAll(':', '').toLowerCase();
  if (core.certificates.has(fingerprint)) {
    throw new PlatformError(409, 'tenant/Duplicate', `Certificate with fingerprint ${fingerprint} already exists`);
  }
  const trusted: TrustedCertificate = {
    fingerprint,
    name: options.name,
    status: options.enabled === false ? 'DISABLED' : 'ENABLED',
    autoRegistrationEnabled: options.autoRegistration,
    pem: certificate.toString(),
  };
  core.certificates.set(fingerprint, trusted);
  return trusted;
}

function listCertificates(call: Call): Answer {
  const items = [...call.core.certificates.values()];
  return pageOf(call, {
    items,
    name: 'certificates',
    media: 'application/json',
    render: (item) => renderCertificate(call, item),
  });
}

function createCertificate(call: Call): Answer {
  const document = call.document();
  const certificatePem = textMember(document, 'certInPemFormat');
  if (certificatePem === undefined) throw missingFields(['certInPemFormat']);
  const base64 = certificatePem.replace(/-----[A-Z ]+-----|\s/g, '');
  const trusted = trust(call.core, {
    name: textMember(document, 'name') ?? '',
    // The platform accepts bare base64 as well.
    pem: `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END CERTIFICATE-----\n`,
    autoRegistration: document['autoRegistrationEnabled'] === true,
    enabled: document['status'] !== 'DISABLED',
  });
  const body = renderCertificate(call, trusted);
  return { status: 201, body, headers: { Location: String(body['self']) } };
}

function updateCertificate(call: Call): Answer {
  const trusted = findCertificate(call);
  const { name, status, autoRegistrationEnabled } = call.document();
  if (typeof name === 'string') trusted.name = name;
  if (status === 'ENABLED' || status === 'DISABLED') trusted.status = status;
  if (typeof autoRegistrationEnabled === 'boolean') trusted.autoRegistrationEnabled = autoRegistrationEnabled;
  return { status: 200, body: renderCertificate(call, trusted) };
}

function findCertificate(call: Call): TrustedCertificate {
  const trusted = call.core.certificates.get(call.param(1).toLowerCase());
  if (trusted === undefined) throw notFound('tenant', `No certificate ${call.param(1)}`);
  return trusted;
}

function renderCertificate(call: Call, trusted: TrustedCertificate): JsonObject {
  const certificate = new X509Certificate(trusted.pem);
  return {
    fingerprint: trusted.fingerprint,
    name: trusted.name,
    status: trusted.status,
    autoRegistrationEnabled: trusted.autoRegistrationEnabled,
    certInPemFormat: trusted.pem,
    serialNumber: certificate.serialNumber,
    subject: certificate.subject.replaceAll('\n', ', '),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    notBefore: new Date(Date.parse(certificate.validFrom)).toISOString(),
    notAfter: new Date(Date.parse(certificate.validTo)).toISOString(),
    version: 3,
    self: `${call.base}/tenant/tenants/${call.core.tenant}/trusted-certificates/${trusted.fingerprint}`,
  };
}
