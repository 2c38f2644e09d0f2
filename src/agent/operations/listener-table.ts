// SPDX-License-Identifier: Apache-2.0

import type { BodySink } from '../../base/body.ts';
import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { type Table, table } from '../../base/table.ts';
import type { RequestWriter } from '../../http/request.ts';

/** The actions of the states. */
export interface ListenerActions {
  writeHandshake(request: RequestWriter): void;
  /** Returns the splitter, which takes the messages out of the body as it arrives. */
  split(): BodySink;
  understood(): boolean;
  /** As `judge`, for handshake and subscribe: an advised interval applies only to the connects that follow. */
  agreed(): Decision;
  writeSubscribe(request: RequestWriter): void;
  subscribed(): Decision;
  writeConnect(request: RequestWriter): void;
  heard(): boolean;
  /** The longest silence allowed for the current poll. */
  pollSilenceMs(): number;
  /** Yes: go on. Other: go on after a pause. Again: a new handshake. No: a long pause, then a new handshake. */
  judge(): Decision;
  pause(): undefined;
  restart(): undefined;
  rest(): undefined;
}

/** Indexes of the states in the table. */
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

/** Guide step 6: handshake, subscribe, connect again and again. Every Bayeux answer, also a refusal, is HTTP 200. */
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
    // PENDING operations are listed after the subscription, while the first poll is open.
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
    on: { [Signal.Time]: Listen.Connect },
  },
  {
    name: 'start over',
    step: 'Bayeux §3.9.1, advice handshake',
    enter: (listener) => listener.restart(),
    on: { [Signal.Time]: Listen.Handshake },
  },
  {
    name: 'rest',
    step: 'Bayeux §3.9.1, advice none',
    enter: (listener) => listener.rest(),
    on: { [Signal.Time]: Listen.Handshake },
  },
]);
