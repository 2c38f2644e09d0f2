// SPDX-License-Identifier: Apache-2.0

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { VERSION } from '../../src/version.ts';
import { didYouMean } from '../author/near.ts';
import { ROOT } from '../places.ts';
import { fileFault } from '../terminal/file-fault.ts';

/** Resolves with the exit code. */
type Run = (args: string[]) => number | Promise<number>;

interface Command {
  /** One line for a person. */
  readonly what: string;
  /** Loads the modules of this command only. */
  load(): Promise<Run>;
}

/** All commands by name, in the order in which a new user needs them. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  create: {
    what: 'a project of your own',
    load: async () => {
      const { createCommand } = await import(pathToFileURL(path.join(ROOT, 'create/create.js')).href);
      return (args) => createCommand(args, 'fractus create');
    },
  },
  start: {
    what: 'an emulated platform and one virtual ESP32 on it',
    load: async () => (await import('./start.ts')).startCommand,
  },
  platform: {
    what: 'the emulated platform alone',
    load: async () => (await import('./platform.ts')).platformCommand,
  },
  device: {
    what: 'one virtual ESP32 against any platform',
    load: async () => (await import('./device.ts')).deviceCommand,
  },
  operate: {
    what: 'sends a device an operation and waits for its end',
    load: async () => (await import('./operate.ts')).operateCommand,
  },
  certify: {
    what: "checks a device against the platform's device certification",
    load: async () => (await import('./certify.ts')).certifyCommand,
  },
  remote: {
    what: 'a port of this machine that leads to a host in the network of a device',
    load: async () => (await import('./remote.ts')).remoteCommand,
  },
  fleet: {
    what: 'many virtual devices against any platform, also in several processes',
    load: async () => (await import('../fleet/command.ts')).fleetCommand,
  },
  connect: {
    what: 'tests the connection of a device to its platform, layer by layer',
    load: async () => (await import('./connect.ts')).connectCommand,
  },
  simulate: {
    what: 'simulates devices in virtual time, with faults that a seed decides',
    load: async () => (await import('../simulate/launch.ts')).launchSimulator,
  },
  torture: {
    what: 'kills virtual devices with kill -9 and checks that nothing is lost',
    load: async () => (await import('../torture/command.ts')).tortureCommand,
  },
  bench: { what: 'measures speed and memory', load: async () => (await import('../bench/bench.ts')).benchCommand },
  check: {
    what: 'finds code of a project that would fail only on a board',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  build: {
    what: 'builds a firmware for a board, the modules of a project, or the bundle of virtual devices',
    load: async () => (await import('./build.ts')).buildCommand,
  },
  sign: {
    what: 'makes keys for firmware, and signs firmware',
    load: async () => (await import('./sign.ts')).signCommand,
  },
  deploy: {
    what: 'builds a firmware and flashes it',
    load: async () => (await import('./board/deploy.ts')).deployCommand,
  },
  flash: {
    what: 'a web page that flashes a board and sets it up',
    load: async () => (await import('./board/flash.ts')).flashCommand,
  },
  image: {
    what: 'the whole flash of a board as one file; for a factory, one file per board',
    load: async () => (await import('./board/image.ts')).imageCommand,
  },
  monitor: { what: 'the console of a board', load: async () => (await import('./board/monitor.ts')).monitorCommand },
  completion: {
    what: 'a shell script that completes commands, devices and operations',
    load: async () => {
      const { completionCommand } = await import('./completion.ts');
      return (args) => completionCommand(args, COMMANDS);
    },
  },
};

const VERSIONS = ['--version', '-v', 'version'];
const WIDTH = 12;
const LINES = Object.entries(COMMANDS).map(([name, { what }]) => `  ${name.padEnd(WIDTH)}${what}`);
const USAGE = `usage: fractus <command>\n\n${LINES.join('\n')}\n\n"fractus <command> --help" explains a command, "fractus --version" prints the version.`;

/** Runs one command; resolves with the exit code, which is not 0 when its output is lost, as on a full disk. */
export async function main(args: string[]): Promise<number> {
  const { stdout } = process;
  // Without a listener, it would end the process with a stack.
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error) => {
    failure = error;
  });
  const code = await run(args);
  // An error of the last line is known a little later.
  await new Promise(setImmediate);
  // A reader that has gone wants no more. What runs for long has told it, and goes on.
  if (failure === undefined || failure.code === 'EPIPE' || stdout.listenerCount('error') > 1) return code;
  console.error(`fractus: ${fileFault('the output', failure)}`);
  return code === 0 ? 1 : code;
}

async function run([name = '', ...args]: string[]): Promise<number> {
  if (['', '--help', '-h', 'help'].includes(name)) {
    console.log(USAGE);
    return name === '' ? 2 : 0;
  }
  if (VERSIONS.includes(name)) {
    console.log(VERSION);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return (await command.load())(args);
  const meant = didYouMean(name, Object.keys(COMMANDS));
  console.error(`fractus: there is no command ${JSON.stringify(name)}${meant}\n\n${USAGE}`);
  return 2;
}
