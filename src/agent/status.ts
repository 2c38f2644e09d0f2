// SPDX-License-Identifier: Apache-2.0

import type { Base } from '../base/base.ts';
import type { Troubles } from '../base/trouble.ts';

/** The values of the agent that the status shows. */
export interface StatusBase extends Pick<Base, 'hal' | 'config'> {
  readonly troubles: Troubles;
  readonly version: string;
  readonly upMs: number;
  readonly uplink: { readonly user: string };
  readonly board: { readonly id: string };
  readonly devices: { readonly length: number };
  readonly telemetry: { readonly waiting: number; readonly lost: number };
  readonly isListening: boolean;
  readonly backlog: { readonly intake: { readonly waiting: number } };
  readonly alarms: { readonly active: number };
}

/** The state of the agent in lines for a person; they contain no secrets. */
export function statusText(agent: StatusBase): string {
  const { board, clock, network } = agent.hal;
  const { telemetry, backlog, alarms, config } = agent;
  const address = network.address === undefined ? '' : `, ${network.address}`;
  const signal = network.signalDbm === undefined ? '' : `, ${network.signalDbm} dBm`;
  const lines = [
    `agent: fractus ${agent.version}, up ${Math.floor(agent.upMs / 1000)} s, start ${board.bootCount} (${board.resetCause})`,
    `firmware: ${board.firmware.name} ${board.firmware.version}`,
    `device: ${config.deviceId} as ${agent.uplink.user}, managed object ${agent.board.id || 'none'}, ${agent.devices.length - 1} children and services`,
    `network: ${network.up ? 'up' : 'down'}${address}${signal}`,
    `queue: ${telemetry.waiting} waiting, ${telemetry.lost} lost`,
    `operations: ${agent.isListening ? 'listening' : 'not listening'}, ${backlog.intake.waiting} unfinished`,
    `alarms: ${alarms.active} active`,
  ];
  if (clock.now() === undefined) lines.push('clock: not known, measurements wait for it');
  lines.push(...agent.troubles.lines());
  const free = board.freeBytes();
  if (free !== undefined) lines.push(`memory: ${free} bytes free, largest block ${board.largestFreeBlockBytes() ?? 0}`);
  return `${lines.join('\n')}\n`;
}
