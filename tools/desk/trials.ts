// SPDX-License-Identifier: Apache-2.0
/** Trials of a device and its platform, with the required results. */

import type { TrialDescription } from '../platform/desk.ts';
import type { Fault } from '../platform/faults.ts';
import type { Platform } from '../platform/platform.ts';
import type { DeskBoard } from './board.ts';

export interface Target {
  readonly platform: Platform;
  /** Undefined: all devices. */
  readonly user: string | undefined;
  readonly boards: readonly DeskBoard[];
}

export interface Trial extends Omit<TrialDescription, 'needs'> {
  /** Only for boards with a certificate. */
  readonly isOfTokens?: true;
  /** Duration of the disturbance. */
  readonly lastsMs: number;
  /** The device may send data twice, because it cannot know whether the data has arrived. */
  readonly mayRepeat?: true;
  /** Measurements during the trial may be lost. */
  readonly mayLose?: true;
  /** A required result in addition to the data. */
  readonly expects?: 'restart' | 'alarm' | 'token';
  /** Starts the disturbance; returns a function that ends it. */
  readonly begin: (target: Target) => () => void;
}

const MANY = 1_000_000;
const EVERYTHING_BUT_POLL = { path: '/*/**' };

export const trials: readonly Trial[] = [
  {
    name: 'platform-down',
    group: 'platform',
    title: 'The platform is down',
    mustHappen:
      'The device goes on measuring, tries less and less often, and sends all samples in order when the platform is back.',
    lastsMs: 20_000,
    begin: (target) => both(order(target, { kind: 'dropBefore', times: MANY }), cutPolls(target)),
  },
  {
    name: 'requests-lost',
    group: 'platform',
    title: 'Requests get lost',
    mustHappen: 'The device sends lost requests again, once and in order.',
    lastsMs: 10_000,
    begin: (target) => order(target, { kind: 'dropBefore', path: '/measurement/**', times: 3 }),
  },
  {
    name: 'answers-lost',
    group: 'platform',
    title: 'Answers get lost',
    mustHappen:
      'The platform has stored the data, but the device cannot know: it sends the data again rather than lose it.',
    lastsMs: 10_000,
    mayRepeat: true,
    begin: (target) => order(target, { kind: 'dropAfter', path: '/measurement/**', times: 2 }),
  },
  {
    name: 'too-many-requests',
    group: 'platform',
    title: '429, Retry-After 8 s',
    mustHappen: 'The device waits for the requested time and a little longer, then sends the collected samples.',
    lastsMs: 12_000,
    begin: (target) =>
      order(target, { kind: 'status', status: 429, retryAfterSeconds: 8, ...EVERYTHING_BUT_POLL, times: MANY }),
  },
  {
    name: 'unavailable',
    group: 'platform',
    title: '503 from a balancer',
    mustHappen: 'A page of HTML is not an answer of the platform: the device tries all requests again.',
    lastsMs: 12_000,
    begin: (target) => order(target, { kind: 'status', status: 503, html: true, ...EVERYTHING_BUT_POLL, times: MANY }),
  },
  {
    name: 'slow',
    group: 'platform',
    title: 'Answers take 3 s',
    mustHappen: 'The device gives nothing up and sends nothing twice; samples wait in the queue.',
    lastsMs: 20_000,
    begin: (target) => order(target, { kind: 'delay', ms: 3000, path: '/measurement/**', times: MANY }),
  },
  {
    name: 'wrong-date',
    group: 'platform',
    title: 'The Date header is a day off',
    mustHappen: 'The device does not follow one wrong time: the times of samples stay in order.',
    lastsMs: 10_000,
    begin: (target) => order(target, { kind: 'date', skewMs: 86_400_000, ...EVERYTHING_BUT_POLL, times: 2 }),
  },
  {
    name: 'refused',
    group: 'platform',
    title: 'Credentials are refused once',
    mustHappen: 'The device keeps its credentials and tries again.',
    lastsMs: 5000,
    begin: (target) => order(target, { kind: 'status', status: 401, path: '/measurement/**', times: 1 }),
  },
  {
    name: 'token-expired',
    group: 'platform',
    title: 'The token has expired',
    mustHappen: 'The device gets a new token with its certificate, repeats the refused requests, and listens again.',
    lastsMs: 2000,
    isOfTokens: true,
    expects: 'token',
    begin: ({ platform, user }) => {
      platform.expireTokens(user);
      return () => {};
    },
  },
  {
    name: 'session-lost',
    group: 'platform',
    title: 'The Bayeux session is lost',
    mustHappen:
      'The device receives 402, makes a handshake, subscribes and lists the operations that it may have missed.',
    lastsMs: 2000,
    begin: ({ platform, user }) => {
      platform.expireSessions(user);
      return () => {};
    },
  },
  {
    name: 'poll-cut',
    group: 'platform',
    title: 'The long poll is cut',
    mustHappen: 'The device connects again and continues in the same session.',
    lastsMs: 2000,
    begin: cutPolls,
  },
  {
    name: 'link-down',
    group: 'link',
    title: 'The link is down for 20 s',
    mustHappen: 'The device goes on measuring, and sends the samples in order when the link is back.',
    lastsMs: 20_000,
    begin: ({ boards }) => {
      for (const board of boards) board.switchLink(false);
      return () => {
        for (const board of boards) board.switchLink(true);
      };
    },
  },
  {
    name: 'power-cut',
    group: 'board',
    title: 'The power is cut for 4 s',
    mustHappen: 'The device starts from its flash: no new identity, no operation twice, nothing lost.',
    lastsMs: 4000,
    mayRepeat: true,
    mayLose: true,
    expects: 'restart',
    begin: ({ boards, platform, user }) => {
      for (const board of boards) board.cutPower();
      if (user !== undefined) platform.forgive(user);
      return () => {
        for (const board of boards) board.powerOn();
      };
    },
  },
  {
    name: 'unplugged',
    group: 'board',
    title: 'The thermometer is pulled out',
    mustHappen: 'The other sensors continue, and the thermometer is back when it is plugged in again.',
    lastsMs: 15_000,
    mayLose: true,
    begin: ({ boards }) => {
      for (const board of boards) board.plug('thermometer', false);
      return () => {
        for (const board of boards) board.plug('thermometer', true);
      };
    },
  },
  {
    name: 'flash-refuses',
    group: 'board',
    title: 'The flash refuses to be written',
    mustHappen: 'The device continues from RAM, and writes again when the flash accepts data.',
    lastsMs: 15_000,
    begin: ({ boards }) => {
      for (const board of boards) board.refuseFlash(true);
      return () => {
        for (const board of boards) board.refuseFlash(false);
      };
    },
  },
  {
    name: 'lamp',
    group: 'board',
    title: 'A lamp at the thermometer',
    mustHappen: 'The device raises an alarm once, and clears it when the thermometer is cool again.',
    lastsMs: 45_000,
    expects: 'alarm',
    begin: ({ boards }) => {
      for (const board of boards) board.light();
      return () => {};
    },
  },
];

function order({ platform, user }: Target, fault: Fault): () => void {
  const id = platform.order(user === undefined ? fault : { ...fault, user });
  return () => platform.cancel(id);
}

function cutPolls({ platform, user }: Target): () => void {
  for (const session of [...platform.core.sessions.values()]) {
    if (user === undefined || session.user.name === user) session.hold?.cut();
  }
  return () => {};
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}
