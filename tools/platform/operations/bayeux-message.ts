// SPDX-License-Identifier: Apache-2.0
/** Replies of the Bayeux server. */

import type { Call } from '../calls/call.ts';
import type { Advice, FaultSubject } from '../faults.ts';
import type { JsonObject } from '../model.ts';
import { endSession } from './bayeux-session.ts';

/** A reply to a meta message: its channel and id, the caller's content, and ordered advice. */
export function replyTo(call: Call, message: JsonObject, content: JsonObject): JsonObject {
  const reply: JsonObject = { channel: message['channel'] ?? null, ...content };
  if (message['id'] !== undefined) reply['id'] = message['id'];
  const fault = call.core.faults.takeBayeux('advice', subjectOf(call, message));
  if (fault === undefined) return reply;
  call.core.ledger.lose(call.number, call.user.name);
  const { advice } = fault;
  reply['advice'] = { ...(reply['advice'] as JsonObject | undefined), ...adviceJson(advice) };
  const session = call.core.sessions.get(String(content['clientId'] ?? message['clientId']));
  const isOver = advice.reconnect === 'handshake' || advice.reconnect === 'none';
  if (isOver && session !== undefined) endSession(call.core, session);
  return reply;
}

/** An unsuccessful reply; `error` is `code:args:text`. */
export function failure(call: Call, message: JsonObject, error: string, advice?: Advice): JsonObject {
  const content: JsonObject = { successful: false, error };
  if (message['subscription'] !== undefined) content['subscription'] = message['subscription'];
  if (advice !== undefined) content['advice'] = adviceJson(advice);
  return replyTo(call, message, content);
}

/** The data of a Bayeux message that faults are matched against. */
export function subjectOf(call: Call, message: JsonObject): FaultSubject {
  return {
    method: call.method,
    path: call.path,
    user: call.user.name,
    isOperator: !call.isDevice,
    text: JSON.stringify(message),
  };
}

function adviceJson(advice: Advice): JsonObject {
  return Object.fromEntries(Object.entries(advice));
}
