// SPDX-License-Identifier: Apache-2.0
import test from 'ava';
import { utf8 } from '../../src/bytes/text.ts';
import { BayeuxSession, Reconnect } from '../../src/cumulocity/bayeux.ts';

const HOUR_MS = 3_600_000;

function hear(session: BayeuxSession, message: object): void {
  const bytes = utf8(JSON.stringify(message));
  session.onElement(bytes, 0, bytes.length, false);
}

function create(): BayeuxSession {
  return new BayeuxSession({ push: () => undefined, keeps: () => false });
}

test('an interval is kept until another one is advised, and is an hour at most', (t) => {
  const session = create();
  const advise = (interval: unknown) => {
    session.expect();
    hear(session, { channel: '/meta/connect', successful: true, advice: { interval } });
    return session.intervalMs;
  };
  t.is(advise(3000), 3000);
  t.is(advise(undefined), 3000);
  t.is(advise(-1), 3000);
  t.is(advise('10'), 3000);
  t.is(advise(HOUR_MS), HOUR_MS);
  t.is(advise(HOUR_MS + 1), HOUR_MS);
  t.is(advise(1e300), HOUR_MS);
  t.is(advise(0), 0);
});

test('402 means to shake hands, with advice or without, and that is over with the next answer', (t) => {
  const session = create();
  hear(session, { channel: '/meta/subscribe', successful: false, error: '402::Unknown client' });
  t.deepEqual([session.reconnect, session.errorCode, session.successful], [Reconnect.Handshake, 402, false]);
  session.expect();
  t.deepEqual([session.reconnect, session.errorCode, session.replied], [Reconnect.Retry, 0, false]);
  hear(session, { channel: '/meta/connect', successful: true });
  t.deepEqual([session.reconnect, session.successful], [Reconnect.Retry, true]);
});

test('a client id has 1 to 256 characters', (t) => {
  for (const [length, isOne] of [
    [0, false],
    [1, true],
    [256, true],
    [257, false],
  ] as const) {
    const session = create();
    hear(session, { channel: '/meta/handshake', successful: true, clientId: 'c'.repeat(length) });
    t.is(session.successful, isOne, `${length}`);
  }
});
