// SPDX-License-Identifier: Apache-2.0

import { cut } from '../../bytes/text.ts';
import type { AgentHost, Capability, Command, Host, Operation } from '../../capability.ts';

const MAX_RESULT_BYTES = 4096;

/** A built-in command, which may update the inventory with its operation. */
export interface BuiltIn extends Omit<Command, 'run'> {
  run(args: string, host: AgentHost, operation: Operation): string | Promise<string>;
}

/** `c8y_Command` with other built-in commands. */
export interface CommandCapability extends Capability {
  readonly builtIn?: readonly BuiltIn[];
  /** Hint in the error for an unknown command. */
  hint?(host: Host): string;
}

/** `help`: lists the commands. */
const help: Command = {
  name: 'help',
  help: 'lists the commands',
  repeatable: true,
  run(_args, host) {
    let lines = '';
    const { commands } = host;
    for (let i = 0; i < COMMANDS.length; i++) {
      if (named(COMMANDS[i]?.name ?? '', commands) === undefined) lines += LINES[i];
    }
    for (let i = 0; i < commands.length; i++) lines += lineOf(commands[i]);
    return lines;
  },
};

/** `status`: the state of the agent. */
export const status: Command = {
  name: 'status',
  help: 'state of the device',
  repeatable: true,
  run: (_args, host) => host.status(),
};

/** `inventory`: sends the declared fragments again, after somebody has removed or changed them. */
export const inventory: Command = {
  name: 'inventory',
  help: 'sends declarations again',
  repeatable: true,
  run(_args, host) {
    host.redeclare();
    return 'sent soon\n';
  },
};

/** The commands that every device has. */
const COMMANDS: readonly Command[] = [help, status, inventory];
/** Made at the build, like everything at module level: it takes no memory. */
const LINES = COMMANDS.map(lineOf);

function lineOf(command: Command | undefined): string {
  return `${command?.name}: ${command?.help}\n`;
}

function succeed(operation: Operation, result: string): void {
  operation.repeat('result', result, MAX_RESULT_BYTES);
  operation.succeed();
}

/**
 * `c8y_Command {"text": "name arguments"}`: runs one of the named commands. There is no shell. The last update repeats
 * the whole fragment with `result` in it.
 */
export const command: CommandCapability = {
  name: 'c8y_Command',
  repeatable: true,
  run(operation, host: AgentHost) {
    const text = operation.text('text')?.trim();
    if (text === undefined || text === '') return operation.fail('text: missing; try the command help');
    const space = text.indexOf(' ');
    const name = space < 0 ? text : text.slice(0, space);
    // Commands of the app take precedence.
    const found = named(name, host.commands) ?? named(name, this.builtIn ?? COMMANDS);
    if (found !== undefined) {
      if (found.repeatable !== true) host.once(operation);
      const answer = found.run(space < 0 ? '' : text.slice(space + 1).trim(), host, operation);
      if (typeof answer !== 'string') return answer.then((later) => succeed(operation, later));
      return succeed(operation, answer);
    }
    operation.fail(`unknown command "${cut(name, 60)}"; ${this.hint?.(host) ?? 'try the command help'}`);
  },
};

function named(name: string, commands: readonly BuiltIn[]): BuiltIn | undefined {
  for (let i = 0; i < commands.length; i++) if (commands[i]?.name === name) return commands[i];
  return undefined;
}
