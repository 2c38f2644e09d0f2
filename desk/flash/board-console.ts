// SPDX-License-Identifier: Apache-2.0
/** The console of a board, as a page drives it. */

/** Of a port of Web Serial, once it is open. */
export interface SerialStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** The board forgets a line that somebody has begun. */
const CTRL_U = '\u0015';
const PROMPT = '> ';
const KEPT = /^kept; "restart" uses it$/;
/** Of the log, which may come between a question and its answer. */
const LOGGED = /^(debug|info|warn|error): /;
const CONTROL = /[\u0000-\u001f\u007f]/;

/** How long a board takes for an answer; it may be erasing flash. */
const ANSWER_MS = 3000;
/** How often it is asked: a board that opening the port has restarted takes some seconds. */
const ATTEMPTS = 5;

export class BoardConsole {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onLine: (line: string) => void;
  readonly #answerMs: number;
  readonly #ended: Promise<void>;
  #begun = '';
  /** Behind a line end that was just seen. */
  #hear: (text: string, isWhole: boolean) => void = () => {};

  /** @param onLine takes each line that the board says, until it is closed or the port is gone */
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

  /** Resolves when the board can be typed at. @throws Error when it does not answer */
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
   * @throws Error with what the board has against it, or that it does not answer; the value is never part of it
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

  /** What was set is used from then on. */
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

  /** Of the next texts the first that `look` makes something of; undefined: none came in time. */
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
      // The board is unplugged, or has restarted and its own USB with it.
    }
  }

  #take(text: string): void {
    const lines = (this.#begun + text).split(/\r?\n/);
    this.#begun = lines.pop() ?? '';
    for (const line of lines) {
      // What is asked for stands behind the prompt.
      const said = line.startsWith(PROMPT) ? line.slice(PROMPT.length) : line;
      this.#hear(said, true);
      if (said !== '') this.#onLine(said);
    }
    this.#hear(this.#begun, false);
  }
}

/** What is typed comes back; secrets as stars. */
function isEcho(text: string, key: string): boolean {
  return text === '' || text.startsWith(`set ${key} `);
}
