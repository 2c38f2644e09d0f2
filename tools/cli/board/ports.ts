// SPDX-License-Identifier: Apache-2.0
/** Serial ports of boards. */

import { closeSync, constants, openSync, readdirSync } from 'node:fs';

/** Names of boards' ports, on Linux and on macOS. */
const NAME = /^(ttyUSB|ttyACM|cu\.(usb|SLAB|wch))/;

/** The ports that may have a board. */
export function boardPorts(folder = '/dev'): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** The named port, or the only one. @throws Error that says what to do */
export function choosePort(named: string | undefined, ports = boardPorts()): string {
  if (named !== undefined && named !== '') return named;
  const [port, ...others] = ports;
  if (port === undefined) {
    throw new Error(
      'no board was found at any port: is it plugged in, with a cable that carries data? --port names its port',
    );
  }
  if (others.length > 0) throw new Error(`there are several boards, at ${ports.join(', ')}: choose one with --port`);
  return port;
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENXIO: 'is gone: plug the board in again',
  EACCES:
    'cannot be opened without permission; on Linux `sudo usermod -aG dialout $USER` allows it, after the next login',
  EPERM: 'cannot be opened without permission',
  EBUSY: 'is in use: end the program that uses it, for example a monitor',
};

function tryPort(port: string): void {
  closeSync(openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
}

/** The reason why a port cannot be used; undefined: it can. @param open throws as `openSync` does */
export function portFault(port: string, ports = boardPorts(), open = tryPort): string | undefined {
  try {
    open(port);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const others = code === 'ENOENT' && ports.length > 0 ? `; there are boards at ${ports.join(', ')}` : '';
    return `${port} ${TROUBLES[code] ?? (error as Error).message}${others}`;
  }
}
