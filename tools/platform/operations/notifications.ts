// SPDX-License-Identifier: Apache-2.0
/** `/notification/operations`: the server side of Bayeux long polling (guide step 6). */

import type { Call } from '../calls/call.ts';
import type { Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import type { Session } from '../core/session.ts';
import { type Answer, isObject, PlatformError } from '../http/http.ts';
import type { JsonObject, Operation } from '../model.ts';
import { connect, deliver } from './bayeux-connect.ts';
import { failure, replyTo, subjectOf } from './bayeux-message.ts';
import { beginSession, checkGap, endSession, findSession, startExpiry } from './bayeux-session.ts';

export const notificationRoutes: readonly Route[] = [
  { method: 'POST', path: '/notification/operations', consumes: ['application/json'], handle: receive },
];

/** Puts an operation into the queue of every session that listens for its agent. */
export function pushOperation(core: Core, operation: Operation): void {
  const channels = [`/${operation.deviceId}`, `/${core.agentOf(operation.deviceId)}`];
  for (const session of core.sessions.values()) {
    if (!channels.some((channel) => session.subscriptions.has(channel))) continue;
    if (session.queue.length < maxQueue) session.queue.push(operation.id);
    deliver(core, session);
  }
}

/** Handles a POST: an array of messages is answered with an array of replies; a single connect may be held. */
function receive(call: Call): Answer | undefined {
  const messages = call.json();
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isObject)) {
    call.breach('bayeux-message', 'body is not an array of messages');
    throw new PlatformError(400, 'undefined/invalidInput', 'Bayeux messages expected');
  }
  const isAlone = messages.length === 1;
  const replies: JsonObject[] = [];
  const headers: Record<string, string> = {};
  for (const message of messages) {
    const { channel } = message;
    if (channel === '/meta/connect') {
      if (!isAlone) call.breach('connect-batched', `with ${messages.length - 1} other messages`);
      const answers = connect(call, message, isAlone);
      if (answers === undefined) return undefined;
      replies.push(...answers);
    } else if (channel === '/meta/handshake') {
      replies.push(handshake(call, message, isAlone, headers));
    } else {
      replies.push(other(call, message));
    }
  }
  return { status: 200, media: 'application/json;charset=UTF-8', body: replies, headers };
}

function handshake(call: Call, message: JsonObject, isAlone: boolean, headers: Record<string, string>): JsonObject {
  if (!isAlone) {
    call.breach('handshake-batched', 'handshake with other messages');
    return failure(call, message, '403::Handshake denied', { reconnect: 'none' });
  }
  if (message['version'] !== '1.0') call.breach('bayeux-message', 'handshake without version 1.0');
  const types = message['supportedConnectionTypes'];
  if (!Array.isArray(types) || !types.includes('long-polling')) {
    call.breach('bayeux-message', 'handshake whose supportedConnectionTypes lack long-polling');
  }
  const ordered = orderedFailure(call, message, undefined);
  if (ordered !== undefined) return ordered;
  const session = beginSession(call, message);
  if (session.cookie !== undefined) headers['Set-Cookie'] = `BAYEUX_BROWSER=${session.cookie}; Path=/; HttpOnly`;
  startExpiry(call.core, session);
  return replyTo(call, message, {
    clientId: session.clientId,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling', 'smartrest-long-polling', 'websocket'],
    successful: true,
    ...(session.acknowledges ? { ext: { ack: true } } : {}),
  });
}

function other(call: Call, message: JsonObject): JsonObject {
  const { channel } = message;
  if (channel !== '/meta/subscribe' && channel !== '/meta/unsubscribe' && channel !== '/meta/disconnect') {
    call.breach('bayeux-message', `channel ${JSON.stringify(channel)}`);
    return failure(call, message, typeof channel === 'string' ? '403::Publish denied' : '400::Channel missing');
  }
  if (typeof message['clientId'] !== 'string') call.breach('bayeux-message', `${channel} without clientId`);
  const session = findSession(call, message);
  if (session === undefined) {
    checkGap(call, String(message['clientId']));
    // The platform's 402 on a subscription carries no advice.
    return failure(call, message, '402::Unknown client');
  }
  const ordered = orderedFailure(call, message, session);
  if (ordered !== undefined) return ordered;
  if (channel === '/meta/disconnect') {
    endSession(call.core, session);
    return replyTo(call, message, { successful: true });
  }
  return subscription(call, message, session, channel === '/meta/subscribe');
}

function subscription(call: Call, message: JsonObject, session: Session, isSubscribing: boolean): JsonObject {
  const { subscription } = message;
  const channels = Array.isArray(subscription) ? subscription : [subscription];
  for (const channel of channels) {
    const id = typeof channel === 'string' && channel.startsWith('/') ? channel.slice(1) : '';
    if (!call.core.owns(call.user, id) || !call.core.objects.has(id)) {
      // A device that replaces another one does not own its object until a person changes the owner: it may try.
      if (!call.core.objects.has(id)) call.breach('subscribe-denied', `subscription ${JSON.stringify(channel)}`);
      return failure(call, message, `403:${JSON.stringify(channel)}:Subscribe denied`);
    }
  }
  for (const channel of channels) {
    if (isSubscribing) session.subscriptions.add(String(channel));
    else session.subscriptions.delete(String(channel));
  }
  if (isSubscribing) {
    call.core.lastSubscriptions.set(call.user.name, call.number);
    expectPendingQuery(call, session);
  }
  return replyTo(call, message, { subscription: subscription ?? null, successful: true });
}

/** Expects a query for PENDING after a subscription. */
function expectPendingQuery(call: Call, session: Session): void {
  session.pendingQueried = false;
  call.core.scheduler.set(() => {
    if (session.pendingQueried || call.core.sessions.get(session.clientId) !== session) return;
    if (call.core.ledger.lostSince(call.number, call.user.name)) return;
    session.pendingQueried = true;
    call.breach('pending-missing', `no query for PENDING within ${pendingQueryMs / 1000} s of the subscription`);
  }, pendingQueryMs);
}

/** The failure that a test ordered for this message. */
function orderedFailure(call: Call, message: JsonObject, session: Session | undefined): JsonObject | undefined {
  const fault = call.core.faults.takeBayeux('bayeuxError', subjectOf(call, message));
  if (fault === undefined) return undefined;
  call.core.ledger.lose(call.number, call.user.name);
  if (session !== undefined) endSession(call.core, session);
  return failure(call, message, fault.error ?? '402::Unknown client', fault.advice);
}

/** Long enough for a pause of a minute on the other connection, and a retry or two. */
const pendingQueryMs = 120_000;
const maxQueue = 10_000;
