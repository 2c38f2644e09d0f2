// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { onlyForBoard } from '../of-board.ts';
import { restart } from '../restart.ts';
import { type CommandCapability, command } from './command.ts';
import { all, BUILT_IN, RESTART } from './shell-commands.ts';

/**
 * `c8y_Command`, in place of `command`: with more commands, some of which change something. An unknown command ends
 * FAILED with a list of the commands.
 */
export function shell(): Capability {
  const made: CommandCapability = {
    ...command,
    begin(_host, device) {
      onlyForBoard('shell', device, 'a capability of its own for c8y_Command');
      return made;
    },
    builtIn: BUILT_IN,
    hint: (host: Host) => `there are ${all(host).reduce(comma, '')}`,
    recover(operation, host: AgentHost) {
      if (operation.begun && asksForRestart(operation, host)) {
        const { bootCount, resetCause } = host.hal.board;
        operation.repeat('result', `start ${bootCount} (${resetCause})\n`, 100);
        return restart.recover?.(operation, host);
      }
      if (!operation.begun) return this.run(operation, host);
      operation.fail('the device restarted before the operation was finished');
    },
  };
  return made;
}

function comma(names: string, { name }: { readonly name: string }): string {
  return names === '' ? name : `${names}, ${name}`;
}

function asksForRestart(operation: Operation, { commands }: Host): boolean {
  const isOurs = commands.every((each) => each.name !== RESTART);
  return isOurs && /^\s*restart(?:\s|$)/.test(operation.text('text') ?? '');
}
