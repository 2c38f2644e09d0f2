// SPDX-License-Identifier: Apache-2.0
/** Sessions: begin, end, expiry ten seconds after the last connect. */

import type { Call } from '../calls/call.ts';
import type { Core } from '../core/core.ts';
import type { Session } from '../core/session.ts';
import { isObject, utf8 } from '../http/http.ts';
import type { Json, JsonObject } from '../model.ts';

/** Opens a session for the caller. */
export function beginSession(call: Call, message: JsonObject): Session {
  const { core } = call;
  const mine = [...core.sessions.values()].filter((session) => session.user === call.user);
  // At most ten sessions per user; the oldest is ended.
  const [oldest] = mine;
  if (oldest !== undefined && mine.length >= maxSessionsPerUser) endSession(core, oldest);
  const session: Session = {
    clientId: core.secret(30),
    user: call.user,
    cookie: core.settings.cookie ? core.secret(16) : undefined,
    timeoutMs: adviceNumber(message, 'timeout'),
    intervalMs: adviceNumber(message, 'interval'),
    acknowledges: isObject(message['ext']) && message['ext']['ack'] === true,
    subscriptions: new Set(),
    queue: [],
    unacknowledged: [],
    batch: 0,
    hold: undefined,
    expiry: undefined,
    connects: 0,
    lastRequest: call.number,
    pendingQueried: false,
  };
  core.sessions.set(session.clientId, session);
  return session;
}

/** The caller's session in a message; a session with a cookie needs the cookie. */
export function findSession(call: Call, message: JsonObject): Session | undefined {
  const session = call.core.sessions.get(String(message['clientId']));
  if (session === undefined || session.user !== call.user) return undefined;
  if (session.cookie === undefined) return session;
  if ((call.request.headers['cookie'] ?? '').includes(`BAYEUX_BROWSER=${session.cookie}`)) return session;
  call.breach('cookie', 'BAYEUX_BROWSER was not returned');
  return undefined;
}

/** Deletes a session. A held connect is answered with `last`; default: the end that the client asked for. */
export function endSession(core: Core, session: Session, last: JsonObject = disconnected): void {
  core.sessions.delete(session.clientId);
  stopExpiry(core, session);
  const { hold } = session;
  if (hold === undefined) return;
  session.hold = undefined;
  core.scheduler.clear(hold.timeout);
  core.scheduler.clear(hold.heartbeat);
  const { id } = hold.message;
  const reply: JsonObject = { channel: '/meta/connect', ...last, ...(id === undefined ? {} : { id }) };
  hold.reply.end(utf8(JSON.stringify([reply])));
}

/** Ends sessions as a restart of the server would: clients get 402 and do a new handshake. */
export function expireSessions(core: Core, user?: string): void {
  for (const session of core.sessions.values()) {
    if (user !== undefined && session.user.name !== user) continue;
    core.ledger.disturb(core.lastRequest, session.user.name);
    endSession(core, session, unknownClient);
  }
}

const disconnected: JsonObject = { successful: true, advice: { reconnect: 'none', interval: 0 } };
const unknownClient: JsonObject = {
  successful: false,
  error: '402::Unknown client',
  advice: { reconnect: 'handshake', interval: 0 },
};

/** The session ends unless a connect comes within ten seconds plus the announced interval. */
export function startExpiry(core: Core, session: Session, intervalMs: number = session.intervalMs ?? 0): void {
  stopExpiry(core, session);
  session.expiry = core.scheduler.set(() => {
    core.sessions.delete(session.clientId);
    if (session.subscriptions.size > 0 && !session.pendingQueried) core.unqueried.add(session.user.name);
    core.expiredSessions.set(session.clientId, session.lastRequest);
    if (core.expiredSessions.size > maxExpired) {
      const oldest = core.expiredSessions.keys().next();
      if (oldest.done !== true) core.expiredSessions.delete(oldest.value);
    }
  }, bufferMs + intervalMs);
}

export function stopExpiry(core: Core, session: Session): void {
  if (session.expiry !== undefined) core.scheduler.clear(session.expiry);
  session.expiry = undefined;
}

/**
 * Reports a message of an expired session as too late, unless an answer to the device was disturbed in the meantime.
 */
export function checkGap(call: Call, clientId: string): void {
  const lastRequest = call.core.expiredSessions.get(clientId);
  if (lastRequest === undefined || call.core.ledger.lostSince(lastRequest, call.user.name)) return;
  call.breach('connect-gap', `more than ${bufferMs / 1000} s and the announced interval without a connect`);
}

/** A number in the advice of the client. */
export function adviceNumber(message: JsonObject, name: string): number | undefined {
  const advice: Json | undefined = message['advice'];
  const value = isObject(advice) ? advice[name] : undefined;
  return typeof value === 'number' && value >= 0 ? value : undefined;
}

const bufferMs = 10_000;
const maxSessionsPerUser = 10;
const maxExpired = 10_000;
