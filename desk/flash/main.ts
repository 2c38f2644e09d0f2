// SPDX-License-Identifier: Apache-2.0
/** The page's addition to ESP Web Tools: sets url and bootstrap password at the console of the board. */

import { readSign } from '../../tools/flash/signs.ts';
import { BoardConsole, type SerialStreams } from './board-console.ts';

/** Baud rate, as in hal/esp32/chip/sdkconfig. */
const BAUD = 115_200;
/** Time for a person to accept the registration on the platform. */
const FOLLOW_MS = 600_000;
/** Lines of the board's output that are shown. */
const SHOWN_LINES = 200;

/** Types of Web Serial, which TypeScript's browser types lack. */
interface SerialPort {
  readonly readable: SerialStreams['readable'] | null;
  readonly writable: SerialStreams['writable'] | null;
  open(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
}

interface Serial {
  requestPort(): Promise<SerialPort>;
}

const serial = (navigator as Navigator & { readonly serial?: Serial }).serial;
const form = element('form', HTMLFormElement);
const button = element('set', HTMLButtonElement);
const state = element('state', HTMLElement);
const lines = element('lines', HTMLElement);

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${id}`);
}

/** Sets up the board; ends when it reports, or its port is gone. */
async function setUp(port: SerialPort): Promise<void> {
  const { readable, writable } = port;
  if (readable === null || writable === null) throw new Error('the port cannot be read');
  const shown: string[] = [];
  let report = () => {};
  const reports = new Promise<string>((resolve) => {
    report = () => resolve('The board reports to its platform.');
  });
  const board = new BoardConsole({ readable, writable }, (line) => {
    shown.push(line);
    lines.textContent = shown.slice(-SHOWN_LINES).join('\n');
    const sign = readSign(line);
    if (sign === undefined) return;
    if ('reports' in sign) report();
    else state.textContent = `Not there yet: ${sign.missing}`;
  });
  try {
    state.textContent = 'Looking for the board …';
    await board.find();
    for (const [key, value] of new FormData(form)) await board.set(key, String(value));
    form.reset();
    await board.restart();
    state.textContent = 'The board restarts with what was set …';
    const gone = board.ended.then(() => 'The port is gone, with the USB of the board that restarts.');
    const late = new Promise<string>((resolve) => setTimeout(resolve, FOLLOW_MS, 'It does not report yet.'));
    state.textContent = await Promise.race([reports, gone, late]);
  } finally {
    await board.close();
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (serial === undefined) {
    state.textContent = 'This browser has no Web Serial.';
    return;
  }
  button.disabled = true;
  try {
    const port = await serial.requestPort();
    await port.open({ baudRate: BAUD });
    try {
      await setUp(port);
    } finally {
      await port.close().catch(() => {});
    }
  } catch (error) {
    state.textContent = (error as Error).message;
  } finally {
    button.disabled = false;
  }
});
