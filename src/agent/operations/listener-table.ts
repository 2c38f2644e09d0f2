// SPDX-License-Identifier: Apache-2.0

import type { RequestWriter } from '../../http/request.ts';
import type { BodySink } from '../base/body.ts';
import { Decision, Event, Outcome } from '../base/outcome.ts';
import { type Table, table } from '../base/table.ts';

/** What the states do. */
export interface ListenerActions {
  writeHandshake(request: RequestWriter): void;
  /** Takes the body apart as it comes in. */
  split(): BodySink;
  understood(): boolean;
  /** As `judge`, for what is no poll: an interval that is advised now holds for the connects to come. */
  agreed(): Decision;
  writeSubscribe(request: RequestWriter): void;
  subscribed(): Decision;
  writeConnect(request: RequestWriter): void;
  heard(): boolean;
  /** How long the poll under way may be silent. */
  pollSilenceMs(): number;
  /** Yes: go on. Other: go on after a while. Again: start over. No: leave the server alone for long. */
  judge(): Decision;
  pause(): undefined;
  restart(): undefined;
  rest(): undefined;
}

/** The states, by their place in the table. */
export const Listen = {
  Handshake: 0,
  Greeted: 1,
  Subscribe: 2,
  Subscribed: 3,
  Connect: 4,
  Heard: 5,
  Pause: 6,
  Restart: 7,
  Rest: 8,
} as const;

/** Guide step 6: handshake, subscribe, connect again and again. All of it answers with HTTP 200. */
export const listenTable: Table<ListenerActions> = table([
  {
    name: 'handshake',
    step: 'guide step 6, Bayeux §4.2',
    request: (listener, request) => listener.writeHandshake(request),
    sink: (listener) => listener.split(),
    read: (listener) => listener.understood(),
    on: { [Outcome.Ok]: Listen.Greeted, [Outcome.Invalid]: Listen.Rest },
  },
  {
    name: 'greeted',
    step: 'Bayeux §4.2',
    enter: (listener) => listener.agreed(),
    on: {
      [Decision.Yes]: Listen.Subscribe,
      [Decision.Again]: Listen.Restart,
      [Decision.No]: Listen.Rest,
    },
  },
  {
    name: 'subscribe',
    step: 'guide step 6, Bayeux §4.4',
    request: (listener, request) => listener.writeSubscribe(request),
    sink: (listener) => listener.split(),
    read: (listener) => listener.understood(),
    on: { [Outcome.Ok]: Listen.Subscribed, [Outcome.Invalid]: Listen.Restart },
  },
  {
    // The listing of what was pending before comes after the subscription, and runs while the first poll hangs.
    name: 'subscribed',
    step: 'guide step 6',
    enter: (listener) => listener.subscribed(),
    on: {
      [Decision.Yes]: Listen.Connect,
      [Decision.Other]: Listen.Pause,
      [Decision.Again]: Listen.Restart,
      [Decision.No]: Listen.Rest,
    },
  },
  {
    name: 'connect',
    step: 'guide step 6, Bayeux §4.3',
    request: (listener, request) => listener.writeConnect(request),
    sink: (listener) => listener.split(),
    read: (listener) => listener.heard(),
    silenceMs: (listener) => listener.pollSilenceMs(),
    on: { [Outcome.Ok]: Listen.Heard, [Outcome.Invalid]: Listen.Restart },
  },
  {
    name: 'heard',
    step: 'Bayeux §3.9, advice',
    enter: (listener) => listener.judge(),
    on: {
      [Decision.Yes]: Listen.Connect,
      [Decision.Other]: Listen.Pause,
      [Decision.Again]: Listen.Restart,
      [Decision.No]: Listen.Rest,
    },
  },
  {
    name: 'pause as advised',
    step: 'Bayeux §3.9.2, advice interval',
    enter: (listener) => listener.pause(),
    on: { [Event.Time]: Listen.Connect },
  },
  {
    name: 'start over',
    step: 'Bayeux §3.9.1, advice handshake',
    enter: (listener) => listener.restart(),
    on: { [Event.Time]: Listen.Handshake },
  },
  {
    name: 'rest',
    step: 'Bayeux §3.9.1, advice none',
    enter: (listener) => listener.rest(),
    on: { [Event.Time]: Listen.Handshake },
  },
]);
