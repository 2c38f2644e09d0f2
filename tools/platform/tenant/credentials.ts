// SPDX-License-Identifier: Apache-2.0
/** Credentials for devices and the operator's accept flow (guide step 0). */

import type { Call } from '../calls/call.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { type Answer, invalid, missingFields, notFound, PlatformError, textMember } from '../http/http.ts';
import type { Json, JsonObject, Registration } from '../model.ts';
import { formatTime } from '../time.ts';

const request = 'newdevicerequest';

export const credentialRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/devicecontrol/deviceCredentials',
    users: ['bootstrap'],
    consumes: ['devicecredentials'],
    handle: poll,
  },
  { method: 'GET', path: '/devicecontrol/newDeviceRequests', users: operators, handle: list },
  { method: 'POST', path: '/devicecontrol/newDeviceRequests', users: operators, consumes: [request], handle: create },
  { method: 'POST', path: '/devicecontrol/newDeviceRequests/acceptAll', users: operators, handle: acceptAll },
  {
    method: 'GET',
    path: '/devicecontrol/newDeviceRequests/limit',
    users: operators,
    handle: () => ({ status: 200, media: 'application/json', body: { isReached: false } }),
  },
  {
    method: 'GET',
    path: '/devicecontrol/newDeviceRequests/{id}',
    users: operators,
    handle: (call) => ({ status: 200, media: request, body: render(call, find(call)) }),
  },
  {
    method: 'PUT',
    path: '/devicecontrol/newDeviceRequests/{id}',
    users: operators,
    consumes: [request],
    handle: update,
  },
  {
    method: 'DELETE',
    path: '/devicecontrol/newDeviceRequests/{id}',
    users: operators,
    handle: (call) => {
      call.core.registrations.delete(find(call).id);
      return { status: 204 };
    },
  },
];

/** Registers a device, as an operator does. Throws the platform's error when it is registered already. */
export function register(core: Core, id: string, fragments: JsonObject = {}): Registration {
  // OpenAPI: no slash, backslash, dollar, space or control character.
  if (id.length > 1000 || /[/\\$\s\p{Cc}]/u.test(id)) throw invalid('id contains characters that are not allowed');
  if (core.registrations.has(id)) {
    throw new PlatformError(409, 'devicecontrol/Duplicate', `newDeviceRequest for ${id} already exists`);
  }
  const registration: Registration = {
    id,
    status: 'WAITING_FOR_CONNECTION',
    creationTimeMs: core.now(),
    owner: core.operator.name,
    fragments,
    securityToken: undefined,
    wrongTokens: 0,
  };
  core.registrations.set(id, registration);
  // A second registration means that the device starts again without credentials.
  core.delivered.delete(id);
  return registration;
}

/** Accepts a device that has requested credentials. Throws the platform's 422. */
export function accept(core: Core, registration: Registration, securityToken?: string): void {
  if (registration.status === 'WAITING_FOR_CONNECTION') throw invalid(`${registration.id} has not connected yet`);
  if (registration.status === 'BLOCKED') throw invalid(`${registration.id} is blocked`);
  const policy = core.option('device-registration', 'security-token.policy') ?? 'OPTIONAL';
  if (policy === 'REQUIRED' && registration.securityToken === undefined) {
    throw invalid(`${registration.id} has sent no security token`);
  }
  const isChecked = policy !== 'IGNORED' && registration.securityToken !== undefined;
  if (isChecked && registration.securityToken !== securityToken) {
    registration.wrongTokens += 1;
    if (registration.wrongTokens >= maxWrongTokens) registration.status = 'BLOCKED';
    throw invalid('Security token does not match');
  }
  registration.status = 'ACCEPTED';
  core.registrations.touch(registration.id);
}

function poll(call: Call): Answer {
  const { core } = call;
  const body = call.document();
  const id = textMember(body, 'id');
  if (id === undefined || id === '') {
    call.breach('mandatory-field', 'deviceCredentials without id');
    throw missingFields(['id']);
  }
  if (call.request.headers['accept'] === undefined) call.breach('accept', 'the credentials would not be in the answer');
  const token = textMember(body, 'securityToken');
  const delivery = core.delivered.get(id);
  if (delivery !== undefined && !core.ledger.isLost(delivery, deviceUserName(id)) && !call.wasLost(delivery)) {
    call.breach('credentials-twice', `${id} had its credentials and asks again`);
  }
  const registration = core.registrations.get(id);
  if (registration?.status === 'ACCEPTED') return deliver(call, registration, token);
  announce(core, id, registration, token);
  throw notFound('devicecontrol', `Could not find newDeviceRequest by ID ${id}`);
}

/** The first poll makes the device visible to the operator; with `--accept` it is also accepted. */
function announce(core: Core, id: string, known: Registration | undefined, token: string | undefined): void {
  if (known === undefined && !core.acceptAll) return;
  const delivery = core.delivered.get(id);
  const registration = known ?? register(core, id);
  // Automatic acceptance does not excuse a device that has lost its credentials.
  if (known === undefined && delivery !== undefined) core.delivered.set(id, delivery);
  if (registration.status === 'WAITING_FOR_CONNECTION') registration.status = 'PENDING_ACCEPTANCE';
  if (token !== undefined) registration.securityToken = token;
  core.registrations.touch(id);
  if (core.acceptAll && registration.status === 'PENDING_ACCEPTANCE') registration.status = 'ACCEPTED';
}

function deliver(call: Call, registration: Registration, token: string | undefined): Answer {
  const { core } = call;
  const policy = core.option('device-registration', 'security-token.policy') ?? 'OPTIONAL';
  if (policy !== 'IGNORED' && registration.securityToken !== token) throw invalid('Security token does not match');
  const name = deviceUserName(registration.id);
  const password = core.secret(20);
  core.addUser({ tenant: core.tenant, name, kind: 'device', password, enabled: true });
  core.registrations.delete(registration.id);
  core.delivered.set(registration.id, call.number);
  const self = `${call.base}/devicecontrol/deviceCredentials/${encodeURIComponent(registration.id)}`;
  return {
    status: core.settings.credentialsStatus,
    media: 'devicecredentials',
    headers: { Location: self },
    body: { id: registration.id, self, tenantId: core.tenant, username: name, password },
  };
}

/** `device_<id>`. */
export function deviceUserName(deviceId: string): string {
  return `device_${deviceId}`;
}

function list(call: Call): Answer {
  const items = [...call.core.registrations.values()];
  return pageOf(call, {
    items,
    name: 'newDeviceRequests',
    media: 'newdevicerequestcollection',
    render: (item) => render(call, item),
  });
}

function create(call: Call): Answer {
  const { id, ...fragments } = call.document();
  if (typeof id !== 'string' || id === '') throw missingFields(['id']);
  const registration = register(call.core, id, fragments);
  const body = render(call, registration);
  return { status: 201, media: request, body, headers: { Location: self(call, registration) } };
}

function update(call: Call): Answer {
  const registration = find(call);
  const { status, securityToken } = call.document();
  if (status === undefined) throw missingFields(['status']);
  if (status !== 'ACCEPTED') throw invalid(`status ${JSON.stringify(status)} cannot be set`);
  accept(call.core, registration, typeof securityToken === 'string' ? securityToken : undefined);
  return { status: 200, media: request, body: render(call, registration) };
}

/** Accepts all devices without a security token: a person must compare a token. */
function acceptAll(call: Call): Answer {
  const accepted: Json[] = [];
  for (const registration of call.core.registrations.values()) {
    if (registration.status !== 'PENDING_ACCEPTANCE' || registration.securityToken !== undefined) continue;
    accept(call.core, registration);
    accepted.push(render(call, registration));
  }
  return { status: 200, media: 'newdevicerequestcollection', body: { newDeviceRequests: accepted } };
}

function find(call: Call): Registration {
  const registration = call.core.registrations.get(call.param(0));
  if (registration !== undefined) return registration;
  throw notFound('devicecontrol', `Could not find newDeviceRequest by ID ${call.param(0)}`);
}

function render(call: Call, registration: Registration): JsonObject {
  return {
    ...registration.fragments,
    id: registration.id,
    status: registration.status,
    owner: registration.owner,
    tenantId: call.core.tenant,
    creationTime: formatTime(registration.creationTimeMs),
    self: self(call, registration),
  };
}

function self(call: Call, registration: Registration): string {
  return `${call.base}/devicecontrol/newDeviceRequests/${encodeURIComponent(registration.id)}`;
}

const maxWrongTokens = 3;
