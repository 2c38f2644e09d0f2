// SPDX-License-Identifier: Apache-2.0
/** Connects: held until there is an operation, a timeout or another connect. */

import type { Call } from '../calls/call.ts';
import type { Core } from '../core/core.ts';
import type { Hold, Session } from '../core/session.ts';
import { isObject, utf8 } from '../http/http.ts';
import type { JsonObject } from '../model.ts';
import { failure, replyTo, subjectOf } from './bayeux-message.ts';
import { adviceNumber, checkGap, endSession, findSession, startExpiry, stopExpiry } from './bayeux-session.ts';
import { noteDelivery, renderOperation } from './operation-view.ts';

/** Returns the replies to a connect, or holds it and returns undefined. */
export function connect(call: Call, message: JsonObject, mayHold: boolean): JsonObject[] | undefined {
  const { core } = call;
  if (typeof message['clientId'] !== 'string' || message['connectionType'] !== 'long-polling') {
    call.breach('bayeux-message', 'connect without clientId or connectionType long-polling');
  }
  const session = findSession(call, message);
  if (session === undefined) {
    checkGap(call, String(message['clientId']));
    return [failure(call, message, '402::Unknown client', { interval: 0, reconnect: 'handshake' })];
  }
  const ordered = core.faults.takeBayeux('bayeuxError', subjectOf(call, message));
  if (ordered !== undefined) {
    core.ledger.lose(call.number, call.user.name);
    endSession(core, session);
    const advice = ordered.advice ?? { interval: 0, reconnect: 'handshake' };
    return [failure(call, message, ordered.error ?? '402::Unknown client', advice)];
  }
  if (session.subscriptions.size === 0) call.breach('connect-before-subscribe', 'the session has no subscription');
  supersede(call, session);
  stopExpiry(core, session);
  acknowledge(session, message);
  session.lastRequest = call.number;
  session.connects += 1;
  const isFirst = session.connects === 1 && core.settings.firstConnectImmediate;
  const timeoutMs = timeoutOf(core, session, message);
  if (!mayHold || isFirst || timeoutMs === 0 || isReady(core, session, call, message)) {
    return replies(core, session, call, message);
  }
  hold(call, session, message, timeoutMs);
  return undefined;
}

/** Answers the held connect, if operations are ready. */
export function deliver(core: Core, session: Session): void {
  if (session.hold?.isReady() === true) release(core, session);
}

function isReady(core: Core, session: Session, call: Call, message: JsonObject): boolean {
  const waitsForTwo = session.queue.length === 1 && core.faults.waits('pairPushes', subjectOf(call, message));
  return session.unacknowledged.length > 0 || (session.queue.length > 0 && !waitsForTwo);
}

/** Holds a connect: sends the head at once, and spaces keep the connection alive until the answer. */
function hold(call: Call, session: Session, message: JsonObject, timeoutMs: number): void {
  const { core } = call;
  const timeout = core.scheduler.set(() => release(core, session), timeoutMs);
  const mine: Hold = {
    number: call.number,
    message,
    reply: call.reply,
    isReady: () => isReady(core, session, call, message),
    takeReplies: () => replies(core, session, call, message),
    cut: () => {
      call.reply.drop();
      call.onLost?.();
    },
    timeout,
    heartbeat: undefined,
  };
  session.hold = mine;
  beat(core, session);
  for (const subscription of session.subscriptions) {
    const object = core.objects.get(subscription.slice(1));
    if (object === undefined) continue;
    object.hasListened = true;
    core.objects.touch(object.id);
  }
  call.begin(200, { 'Content-Type': 'application/json;charset=UTF-8' });
  call.onLost = () => {
    if (session.hold !== mine) return;
    letGo(core, session);
    startExpiry(core, session);
  };
}

function beat(core: Core, session: Session): void {
  const { hold } = session;
  if (hold === undefined) return;
  hold.heartbeat = core.scheduler.set(() => {
    hold.reply.write(utf8(' '));
    beat(core, session);
  }, core.settings.heartbeatMs);
}

/** Ends the hold with the waiting messages. */
function release(core: Core, session: Session): void {
  const { hold } = session;
  if (hold === undefined) return;
  letGo(core, session);
  hold.reply.end(utf8(JSON.stringify(hold.takeReplies())));
}

function letGo(core: Core, session: Session): void {
  const { hold } = session;
  if (hold === undefined) return;
  core.scheduler.clear(hold.timeout);
  core.scheduler.clear(hold.heartbeat);
  session.hold = undefined;
}

/** Ends the first connect without an answer, because a second one has come. */
function supersede(call: Call, session: Session): void {
  const { hold } = session;
  if (hold === undefined) return;
  if (!call.wasLost(hold.number)) call.breach('second-connect', 'the connect before is still held');
  letGo(call.core, session);
  hold.reply.drop();
}

/** The operations and the connect's reply, in the order and number that faults may have changed. */
function replies(core: Core, session: Session, call: Call, message: JsonObject): JsonObject[] {
  const subject = subjectOf(call, message);
  const operations = take(session);
  let data = operations.flatMap((id) => dataMessage(core, session, call, id));
  if (data.length > 0) {
    core.onPush?.();
    if (data.length > 1) core.faults.takeBayeux('pairPushes', subject);
    if (core.faults.takeBayeux('duplicatePush', subject) !== undefined) data = [...data, ...data];
  }
  const meta = replyTo(call, message, {
    successful: true,
    advice: { reconnect: 'retry', interval: 0, timeout: session.timeoutMs ?? core.settings.pollTimeoutMs },
    ...(session.acknowledges ? { ext: { ack: session.batch } } : {}),
  });
  // The longer of the client's announced pause and the server's requested one.
  const announcedMs = adviceNumber(message, 'interval') ?? session.intervalMs ?? 0;
  const pauseMs = Math.max(announcedMs, adviceNumber(meta, 'interval') ?? 0);
  if (core.sessions.has(session.clientId)) startExpiry(core, session, pauseMs);
  const isReversed = data.length > 0 && core.faults.takeBayeux('connectFirst', subject) !== undefined;
  return isReversed ? [meta, ...data] : [...data, meta];
}

function take(session: Session): string[] {
  const operations = [...session.unacknowledged.flatMap((sent) => sent.operations), ...session.queue];
  if (session.acknowledges && session.queue.length > 0) {
    session.batch += 1;
    session.unacknowledged.push({ batch: session.batch, operations: session.queue });
  }
  session.queue = [];
  return operations;
}

/** Removes batches that the client has acknowledged (acknowledge extension). */
function acknowledge(session: Session, message: JsonObject): void {
  const batch = isObject(message['ext']) ? message['ext']['ack'] : undefined;
  if (typeof batch !== 'number') return;
  session.unacknowledged = session.unacknowledged.filter((sent) => sent.batch > batch);
}

function dataMessage(core: Core, session: Session, call: Call, id: string): JsonObject[] {
  const operation = core.operations.get(id);
  if (operation === undefined) return [];
  noteDelivery(operation, call.number);
  const own = `/${operation.deviceId}`;
  const channel = session.subscriptions.has(own) ? own : `/${core.agentOf(operation.deviceId)}`;
  return [{ channel, id: core.nextId(), data: renderOperation(core, operation, call.base) }];
}

function timeoutOf(core: Core, session: Session, message: JsonObject): number {
  const asked = adviceNumber(message, 'timeout') ?? session.timeoutMs ?? core.settings.pollTimeoutMs;
  return Math.min(asked, maxHoldMs);
}

const maxHoldMs = 7_200_000;
