// SPDX-License-Identifier: Apache-2.0
/**
 * Makes the agent's tables report their states. Only boards of the desk are built with this module, so that it costs no
 * flash on real boards. Runs on Node and on XS.
 */

import type { Hal } from '../hal/hal.ts';
import { Op } from '../hal/xs/protocol.ts';
import { Registrar } from '../src/agent/devices/registration/registrar.ts';
import { Upkeep } from '../src/agent/devices/upkeep.ts';
import { Backlog } from '../src/agent/operations/backlog.ts';
import { Executor } from '../src/agent/operations/executor.ts';
import { Listener } from '../src/agent/operations/listener.ts';
import { Alarms } from '../src/agent/records/alarms/alarms.ts';
import { Reporter } from '../src/agent/records/reporter.ts';
import { Credentials } from '../src/agent/uplink/credentials.ts';
import { Token } from '../src/agent/uplink/token.ts';
import { Machine } from '../src/base/machine.ts';

/** In the order of `TABLES` in tables.ts. */
const CLASSES = [Credentials, Token, Registrar, Upkeep, Listener, Backlog, Executor, Reporter, Alarms];

/** A HAL that receives the reports: number of the table, its new state, number of waiting records. */
export interface TracedHal extends Hal {
  trace?(table: number, state: number, waiting: number): void;
}

interface Tracing {
  readonly agent: { readonly hal: TracedHal; readonly telemetry?: { readonly waiting: number } };
  readonly state: number;
  act(): unknown;
}

/** Exists only on XS. */
declare const xsHost: { send(op: number, id: number, arg: number, value: number): void } | undefined;

const machine = Machine.prototype as unknown as Tracing;
const { act } = machine;
machine.act = function (this: Tracing) {
  const table = CLASSES.findIndex((each) => this instanceof each);
  const waiting = this.agent.telemetry?.waiting ?? 0;
  if (table >= 0) {
    if (typeof xsHost === 'undefined') this.agent.hal.trace?.(table, this.state, waiting);
    else xsHost.send(Op.Trace, table, this.state, waiting);
  }
  return act.call(this);
};
