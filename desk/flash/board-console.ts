// SPDX-License-Identifier: Apache-2.0
/** Drives the console of a board from a page. */

/** The streams of an open Web Serial port. */
export interface SerialStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Makes the board discard a partial line. */
const CTRL_U = '\u0015';
const PROMPT = '> ';
const KEPT = /^kept; "restart" uses it$/;
/** Lines of the log, which may come between a command and its answer. */
const LOGGED = /^(debug|info|warn|error): /;
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Wait for an answer; the board may be erasing flash. */
const ANSWER_MS = 3000;
/** Number of attempts: a board that restarts when the port is opened takes some seconds. */
const ATTEMPTS = 5;

export class BoardConsole {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onLine: (line: string) => void;
  readonly #answerMs: number;
  readonly #ended: Promise<void>;
  #begun = '';
  /** Receives each whole line, and the partial line after it. */
  #hear: (text: string, isWhole: boolean) => void = () => {};

  /** @param onLine called with each line of the board, until the console is closed or the port is gone */
  constructor({ readable, writable }: SerialStreams, onLine: (line: string) => void, answerMs = ANSWER_MS) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#onLine = onLine;
    this.#answerMs = answerMs;
    this.#ended = this.#read();
  }

  /** Settles when the port is closed or gone. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Resolves when the board accepts input. @throws Error when it does not answer */
  async find(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const prompt = this.#await((text) => (text === PROMPT ? true : undefined));
      await this.#type(`${CTRL_U}\r`);
      if ((await prompt) !== undefined) return;
    }
    throw new Error(
      'the board does not answer: is its firmware the one that was installed here, and no other program at its port?',
    );
  }

  /**
   * Sets a key on the board.
   * @throws Error with the board's objection, or because it does not answer; never contains the value
   */
  async set(key: string, value: string): Promise<void> {
    if (value === '' || CONTROL.test(value)) throw new Error(`${key}: allowed is a text in one line`);
    const isQuoted = value !== value.trim() || /^".*"$/s.test(value);
    const answer = this.#await((text, isWhole) =>
      isWhole && !isEcho(text, key) && !LOGGED.test(text) ? text : undefined,
    );
    await this.#type(`${CTRL_U}set ${key} ${isQuoted ? `"${value}"` : value}\r`);
    const text = await answer;
    if (text === undefined) throw new Error(`${key}: the board does not answer`);
    if (!KEPT.test(text)) throw new Error(text.split(value).join('…'));
  }

  /** Restarts the board, which then uses the new settings. */
  restart(): Promise<void> {
    return this.#type(`${CTRL_U}restart\r`);
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.#ended;
    this.#reader.releaseLock();
    await this.#writer.close().catch(() => {});
  }

  #type(text: string): Promise<void> {
    return this.#writer.write(new TextEncoder().encode(text));
  }

  /** Resolves with the first result of `look` for the next texts; undefined: none in time. */
  #await<T>(look: (text: string, isWhole: boolean) => T | undefined): Promise<T | undefined> {
    return new Promise((resolve) => {
      const end = (result: T | undefined) => {
        clearTimeout(patience);
        this.#hear = () => {};
        resolve(result);
      };
      const patience = setTimeout(() => end(undefined), this.#answerMs);
      this.#hear = (text, isWhole) => {
        const result = look(text, isWhole);
        if (result !== undefined) end(result);
      };
    });
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) return;
        this.#take(decoder.decode(value, { stream: true }));
      }
    } catch {
      // The board is unplugged, or has restarted together with its own USB.
    }
  }

  #take(text: string): void {
    const lines = (this.#begun + text).split(/\r?\n/);
    this.#begun = lines.pop() ?? '';
    for (const line of lines) {
      // The answer follows the prompt.
      const said = line.startsWith(PROMPT) ? line.slice(PROMPT.length) : line;
      this.#hear(said, true);
      if (said !== '') this.#onLine(said);
    }
    this.#hear(this.#begun, false);
  }
}

/** Whether the text is the echo of the command, in which secrets are stars. */
function isEcho(text: string, key: string): boolean {
  return text === '' || text.startsWith(`set ${key} `);
}
