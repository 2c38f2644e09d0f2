// SPDX-License-Identifier: Apache-2.0

import { styleText } from 'node:util';
import type { Message, Mood, Told } from '../../platform/messages.ts';
import { wantsColour } from '../../terminal/log.ts';
import { plain } from '../../terminal/plain.ts';

type Style = Parameters<typeof styleText>[0];

const NAMES: Readonly<Record<Told['who'], Style>> = {
  device: 'cyan',
  operator: 'magenta',
  board: 'blue',
  somebody: 'blue',
};
const MOODS: Readonly<Record<Mood, Style>> = { plain: 'reset', good: 'green', bad: 'red', busy: 'yellow' };
/** Longer texts are cut; the page shows them in full. */
const LONGEST = 160;
/** What is wrong comes with what would be right. */
const LONGEST_BAD = 480;
const MOST_LINES = 40;

/** The output: sentences, nothing, or every message as JSON. */
export type Manner = 'story' | 'quiet' | 'json';

/** Writes one line per message, in colours on a terminal. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #manner: Manner;
  readonly #isNaming: boolean;
  readonly #colour: boolean;

  /** @param isNaming lines name their device, because there are several */
  constructor(stream: NodeJS.WriteStream, manner: Manner = 'story', isNaming = false) {
    this.#stream = stream;
    this.#manner = manner;
    this.#isNaming = isNaming;
    this.#colour = wantsColour(stream);
  }

  read(message: Message): void {
    if (this.#manner === 'json') this.#stream.write(`${JSON.stringify(message)}\n`);
    else if (this.#manner === 'story' && message.told !== undefined) this.#show(message.told, message.timeMs);
  }

  /** Writes a line unchanged; nothing between JSON messages. */
  line(text: string): void {
    if (this.#manner !== 'json') this.#stream.write(`${text}\n`);
  }

  #show({ who, of, text, mood, more }: Told, timeMs: number): void {
    const time = new Date(timeMs).toTimeString().slice(0, 8);
    const whose = this.#isNaming ? ` ${of?.slice(-4) ?? ''}`.padEnd(6) : '';
    const name = this.#styled(NAMES[who], `${who.padEnd(8)}${whose}`);
    this.line(`${this.#styled('dim', time)}  ${name}  ${this.#styled(MOODS[mood], short(plain(text), mood))}`);
    for (const line of more.slice(0, MOST_LINES)) {
      this.line(`${' '.repeat(this.#isNaming ? 26 : 20)}${this.#styled('dim', short(plain(line), mood))}`);
    }
  }

  #styled(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

function short(text: string, mood: Mood): string {
  const longest = mood === 'bad' ? LONGEST_BAD : LONGEST;
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
