// SPDX-License-Identifier: Apache-2.0
/** The master of a Modbus RTU line (Modbus over serial line 1.02, application protocol 1.1b3): reads input registers. */

import type { AppHal } from 'fractus';

/** A serial port: `embedded:io/serial` with the format `buffer`, or one simulated by a test. */
export interface Port {
  /** Returns the number of bytes; undefined: none. */
  read(into: Uint8Array): number | undefined;
  write(bytes: Uint8Array): void;
}

/** A question for two registers, which hold a number of 32 bits. */
export interface Question {
  readonly unit: number;
  readonly register: number;
  /** `value` is NaN when there is none; `trouble` says why. */
  onAnswer(value: number, trouble: string): void;
}

const READ_INPUT = 4;
const EXCEPTION = 0x80;
const REGISTERS = 2;
/** Unit, function, count, the registers, checksum. */
const ANSWER_BYTES = 5 + 2 * REGISTERS;
const EXCEPTION_BYTES = 5;
/** Size of a port's hardware buffer. */
const FIFO_BYTES = 128;
/** Meters answer within 200 ms. */
const ANSWER_MS = 500;
/** At least 3.5 characters of silence between two frames (§2.5.1.1): 4 ms at 9,600 baud, 16 ms at 2,400. */
const SILENCE_MS = 20;
const TRIES = 2;
/** A line has up to 247 units (§2.2): four values of each. A caller with more questions does not wait for answers. */
const MOST_QUESTIONS = 4 * 247;

/** One question at a time, in order: on a line of two wires only one device may send. */
export class RtuMaster {
  readonly #port: Port;
  readonly #timer: ReturnType<AppHal['createTimer']>;
  readonly #questions: Question[] = [];
  readonly #request = new Uint8Array(8);
  readonly #answer = new Uint8Array(ANSWER_BYTES);
  readonly #fifo = new Uint8Array(FIFO_BYTES);
  readonly #view: DataView;
  #end = 0;
  #tries = 0;
  #state: 'idle' | 'asking' | 'silence' = 'idle';

  /** @param open gets the function that the port calls when bytes have arrived */
  constructor(hal: AppHal, open: (onReadable: () => void) => Port) {
    this.#view = new DataView(this.#answer.buffer);
    this.#timer = hal.createTimer(() => this.#onTimeout());
    this.#port = open(() => this.#onReadable());
  }

  /** False: too many questions wait already. */
  ask(question: Question): boolean {
    if (this.#questions.length === MOST_QUESTIONS) return false;
    this.#questions.push(question);
    if (this.#state === 'idle') this.#rest(SILENCE_MS);
    return true;
  }

  #send(): void {
    const [question] = this.#questions;
    this.#state = question === undefined ? 'idle' : 'asking';
    if (question === undefined) return;
    const request = this.#request;
    request[0] = question.unit;
    request[1] = READ_INPUT;
    request[2] = question.register >> 8;
    request[3] = question.register & 0xff;
    request[5] = REGISTERS;
    putChecksum(request, 6);
    // Bytes that are still there do not answer this question.
    while ((this.#port.read(this.#fifo) ?? 0) > 0);
    this.#end = 0;
    this.#tries++;
    this.#timer.start(ANSWER_MS);
    this.#port.write(request);
  }

  /** Bytes arrive one by one or in pieces; noise before the answer costs only this try. */
  #onReadable(): void {
    const count = this.#port.read(this.#fifo) ?? 0;
    if (this.#state !== 'asking') return;
    for (let i = 0; i < count && this.#end < ANSWER_BYTES; i++) this.#answer[this.#end++] = this.#fifo[i] as number;
    const isException = this.#end > 1 && ((this.#answer[1] as number) & EXCEPTION) !== 0;
    const end = isException ? EXCEPTION_BYTES : ANSWER_BYTES;
    if (this.#end >= end) this.#judge(end);
  }

  /** Checks a whole frame: it is the answer, or something else. */
  #judge(end: number): void {
    const [unit, code = 0, detail] = this.#answer;
    const isOurs = unit === this.#questions[0]?.unit && (code & ~EXCEPTION) === READ_INPUT;
    if (!isOurs) this.#failed('another answer');
    else if (!isSound(this.#answer, end)) this.#failed('the checksum is wrong');
    else if (end === EXCEPTION_BYTES) this.#settle(NaN, `exception ${detail}`);
    else if (detail !== 2 * REGISTERS) this.#failed('another answer');
    else this.#settle(this.#view.getFloat32(3), '');
  }

  #onTimeout(): void {
    if (this.#state === 'asking') this.#failed('no answer');
    else this.#send();
  }

  /** Tries again, after the bytes that are still on the line. */
  #failed(trouble: string): void {
    if (this.#tries === TRIES) this.#settle(NaN, trouble);
    else this.#rest(SILENCE_MS);
  }

  #settle(value: number, trouble: string): void {
    const question = this.#questions.shift();
    // A question asked twice may be answered twice: the second answer must not count for the next question.
    this.#rest(this.#tries > 1 ? 2 * ANSWER_MS : SILENCE_MS);
    this.#tries = 0;
    question?.onAnswer(value, trouble);
  }

  /** Waits while the line is silent; then the next question is sent, if there is one. */
  #rest(durationMs: number): void {
    this.#state = 'silence';
    this.#timer.start(durationMs);
  }
}

/** Writes the checksum of `[0, at)`, low byte first (§2.5.1.2), to `at`. */
export function putChecksum(frame: Uint8Array, at: number): void {
  const sum = checksum(frame, at);
  frame[at] = sum & 0xff;
  frame[at + 1] = sum >> 8;
}

function isSound(frame: Uint8Array, end: number): boolean {
  return checksum(frame, end - 2) === ((frame[end - 2] as number) | ((frame[end - 1] as number) << 8));
}

/** CRC-16 with the polynomial 0xA001 (appendix B). */
function checksum(frame: Uint8Array, end: number): number {
  let sum = 0xffff;
  for (let i = 0; i < end; i++) {
    sum ^= frame[i] as number;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >> 1 : (sum >> 1) ^ 0xa001;
  }
  return sum;
}
