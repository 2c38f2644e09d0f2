// SPDX-License-Identifier: Apache-2.0

import { styleText } from 'node:util';
import { wantsColour } from '../log.ts';

/** Good news, bad news, something under way, or just news. */
export type Mood = 'plain' | 'good' | 'bad' | 'busy';

/** One thing that happened. */
export interface Happening {
  readonly who: 'device' | 'operator' | 'board' | 'somebody';
  readonly text: string;
  readonly mood: Mood;
  /** Lines that belong to it, as the answer of a command. */
  readonly more: readonly string[];
}

type Style = Parameters<typeof styleText>[0];

const NAMES: Readonly<Record<Happening['who'], Style>> = {
  device: 'cyan',
  operator: 'magenta',
  board: 'blue',
  somebody: 'blue',
};
const MOODS: Readonly<Record<Mood, Style>> = { plain: 'reset', good: 'green', bad: 'red', busy: 'yellow' };

/** Shows what happens, a line each, in colours where a terminal shows them. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #colour: boolean;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#colour = wantsColour(stream);
  }

  show({ who, text, mood, more }: Happening): void {
    const time = new Date().toTimeString().slice(0, 8);
    const name = this.#styled(NAMES[who], who.padEnd(8));
    this.line(`${this.#styled('dim', time)}  ${name}  ${this.#styled(MOODS[mood], plain(text))}`);
    for (const line of more) this.line(`${' '.repeat(20)}${this.#styled('dim', plain(line))}`);
  }

  /** A line as it is. */
  line(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  #styled(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** What came over the network cannot steer a terminal. */
function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
