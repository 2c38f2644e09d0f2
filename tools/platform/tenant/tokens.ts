// SPDX-License-Identifier: Apache-2.0
/** Device access tokens by certificate, and logout. */

import { X509Certificate } from 'node:crypto';
import type { Call } from '../calls/call.ts';
import type { Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { type Answer, contentType, PlatformError } from '../http/http.ts';
import type { PlatformRequest, User } from '../model.ts';
import { verifyChain } from './chain.ts';
import { deviceUserName } from './credentials.ts';
import { lifespanOption } from './tenant-options.ts';

export const tokenRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/user/logout',
    handle: (call) => {
      if (call.token !== undefined) call.core.tokens.logout(call.token);
      return { status: 200 };
    },
  },
];

/** Path of the only resource that accepts a client certificate. */
export const accessTokenPath = '/devicecontrol/deviceAccessToken';

/**
 * `POST /devicecontrol/deviceAccessToken`: the certificate identifies the device, if a CA of the tenant has issued it.
 * The caller is not authenticated otherwise.
 */
export function issueToken(call: Call): Answer {
  const { core, request } = call;
  if (request.headers['authorization'] !== undefined) call.breach('token-endpoint', 'Authorization with a certificate');
  if (request.body.length > 0) call.breach('token-endpoint', 'body of deviceAccessToken');
  const certificate = request.clientCertificate;
  if (certificate === undefined) throw refused(401, 'Client certificate is missing');
  const leaf = new X509Certificate(certificate.leaf);
  const anchor = verifyChain({
    leaf,
    header: request.headers['x-ssl-cert-chain'],
    trusted: [...core.certificates.values()].filter(({ status }) => status === 'ENABLED'),
    nowMs: core.now(),
  });
  const deviceId = commonName(leaf);
  if (deviceId === undefined) throw refused(422, 'Certificate has no common name');
  const name = deviceUserName(deviceId);
  const known = core.findUser(core.tenant, name);
  if (known === undefined && !anchor.autoRegistrationEnabled) {
    throw refused(422, `Device ${deviceId} is not registered and auto registration is disabled`);
  }
  if (known?.enabled === false) throw refused(401, 'Device user is disabled');
  const user = known ?? core.addUser({ tenant: core.tenant, name, kind: 'device', password: undefined, enabled: true });
  core.onToken?.(certificate.leaf);
  const accessToken = core.tokens.issue(user, Number(core.option(...lifespanOption) ?? defaultLifeSeconds));
  // The media type of the guide's example, regardless of Accept.
  return { status: 200, media: contentType('managedobject', undefined), body: { accessToken } };
}

/** The user that a client certificate claims to be, before it is verified. */
export function certificateUser(core: Core, request: PlatformRequest): User {
  const { clientCertificate } = request;
  const deviceId =
    clientCertificate === undefined ? undefined : commonName(new X509Certificate(clientCertificate.leaf));
  const name = deviceId === undefined ? '' : deviceUserName(deviceId);
  return { tenant: core.tenant, name, kind: 'device', password: undefined, enabled: true };
}

function commonName(certificate: X509Certificate): string | undefined {
  return /^CN=(.+)$/m.exec(certificate.subject)?.[1];
}

function refused(status: number, message: string): PlatformError {
  return new PlatformError(
    status,
    status === 401 ? 'security/Unauthorized' : 'devicecontrol/Unprocessable Entity',
    message,
  );
}

const defaultLifeSeconds = 3600;
