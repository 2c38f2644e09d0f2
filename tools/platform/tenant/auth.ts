// SPDX-License-Identifier: Apache-2.0
/** Identifies the user of a request. */

import type { Core } from '../core/core.ts';
import { PlatformError } from '../http/http.ts';
import type { PlatformRequest, User } from '../model.ts';
import type { Rule } from '../rules.ts';

/** The result: a user, or the 401 to answer; either may come with a breach. */
export interface Identification {
  readonly user: User | undefined;
  /** Owner of the refused credentials, so that a fault on the request counts as one on this user. */
  readonly holder?: User | undefined;
  readonly error?: PlatformError;
  readonly breach?: { readonly rule: Rule; readonly what: string };
  readonly token?: string;
}

/** Finds the user of a request by its Authorization header (guide step 0). */
export function identify(core: Core, request: PlatformRequest): Identification {
  const header = request.headers['authorization'];
  if (header === undefined) {
    const error = unauthorized('Full authentication is required to access this resource');
    return { user: undefined, error, breach: { rule: 'authorization', what: 'no Authorization header' } };
  }
  const [scheme = '', value = ''] = header.split(/ +/, 2);
  if (scheme.toLowerCase() === 'basic') return identifyBasic(core, value);
  if (scheme.toLowerCase() === 'bearer') return identifyBearer(core, value);
  const error = unauthorized('Full authentication is required to access this resource');
  return { user: undefined, error, breach: { rule: 'authorization', what: 'unknown authentication scheme' } };
}

function identifyBasic(core: Core, value: string): Identification {
  const text = decoded(value);
  const colon = text.indexOf(':');
  const login = text.slice(0, Math.max(0, colon));
  const password = text.slice(colon + 1);
  const slash = login.indexOf('/');
  // Without a tenant, the host decides; this host is the tenant's own domain.
  const user =
    slash < 0 ? core.findUser(core.tenant, login) : core.findUser(login.slice(0, slash), login.slice(slash + 1));
  if (colon < 0 || user === undefined || !user.enabled || user.password === undefined || user.password !== password) {
    return { user: undefined, holder: user, error: unauthorized('Invalid credentials! : Bad credentials') };
  }
  if (slash < 0) return { user, breach: { rule: 'authorization', what: 'user name without tenant id' } };
  return { user };
}

/** Decodes a login, with a cache: a device repeats the same one all day. */
function decoded(value: string): string {
  let text = logins.get(value);
  if (text === undefined) {
    text = Buffer.from(value, 'base64').toString('utf8');
    if (logins.size >= maxLogins) logins.clear();
    logins.set(value, text);
  }
  return text;
}

const logins = new Map<string, string>();
const maxLogins = 2000;

function identifyBearer(core: Core, token: string): Identification {
  const { verdict, user } = core.tokens.verify(token);
  if (verdict === 'valid' && user?.enabled === true) return { user, token };
  const error = unauthorized('Invalid credentials! : Bad credentials');
  const refused = { user: undefined, holder: user, error, token };
  if (verdict !== 'loggedOut') return refused;
  return { ...refused, breach: { rule: 'token-after-logout', what: `token of ${user?.name}` } };
}

function unauthorized(message: string): PlatformError {
  return new PlatformError(401, 'security/Unauthorized', message);
}
