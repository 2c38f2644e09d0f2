// SPDX-License-Identifier: Apache-2.0

import { ascii, decodeUtf8, utf8 } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { UploadSource } from '../transfers/upload.ts';
import { LEVELS, type LogBook } from './log-book.ts';

/** The request for lines of a log. */
export interface LogWish {
  /** Name of the log. */
  readonly logFile: string;
  /** Times of the lines, epoch, both included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A text that each line contains, in lower case. */
  readonly text: string;
  /** Most lines: the newest of those that match. */
  readonly maximumLines: number;
  /** Only the start that the latest crash has ended, and the first line of the next start. */
  readonly isCrash: boolean;
}

const LINE_BYTES = 128;
const LINE_MAX_BYTES = 640;
const START = LEVELS.indexOf('start');
const CRASHED = /^[0-9]+ \((panic|watchdog)\)/;
const NAMES = LEVELS.map((level) => ascii(` ${level.padEnd(5)} `));

const LINE_END = 0x0a;
/** Before a time that is the latest possible one: the board had no clock, and lost its power. */
const AT_THE_LATEST = 0x7e;

/** Lines of a log as a file: a heading, and then the requested lines, the oldest first. */
export class LogExcerpt implements UploadSource {
  readonly #book: LogBook;
  readonly #wish: LogWish;
  readonly #nowMs: number;
  readonly #ticks: number;
  readonly #line = new ByteWriter(LINE_BYTES, LINE_MAX_BYTES);
  #lineAt = 0;
  // Positions of records; -1: none.
  #at = -1;
  #lastAt = -1;
  /** Number of requested lines beyond the maximum, which are skipped. */
  #skip = 0;
  /** Number of records dropped when it was opened. */
  #gone = 0;

  /** @param nowMs time of the clock at `ticks` */
  constructor(book: LogBook, wish: LogWish, nowMs: number, ticks: number) {
    this.#book = book;
    this.#wish = wish;
    this.#nowMs = nowMs;
    this.#ticks = ticks;
  }

  open(): number {
    const { lines } = this.#book;
    const { maximumLines, isCrash } = this.#wish;
    this.#gone = lines.gone;
    const damaged = this.find();
    const firstAt = this.#at;
    let count = 0;
    let bytes = 0;
    for (let at = firstAt; this.isBefore(at); at = lines.next(at)) if (this.render(at)) count++;
    this.#skip = Math.max(0, count - maximumLines);
    let left = this.#skip;
    for (let at = firstAt; this.isBefore(at); at = lines.next(at)) {
      if (this.render(at) && --left < 0) bytes += this.#line.end;
    }
    this.writeHead(count, damaged, isCrash && firstAt < 0);
    return bytes + this.#line.end;
  }

  read(into: Uint8Array): number {
    let filled = 0;
    while (filled < into.length) {
      if (this.#lineAt === this.#line.end && !this.advance()) break;
      const end = Math.min(this.#line.end, this.#lineAt + into.length - filled);
      into.set(this.#line.bytes.subarray(this.#lineAt, end), filled);
      filled += end - this.#lineAt;
      this.#lineAt = end;
    }
    return filled;
  }

  /** Renders the next requested line. False: there is none, or records have been dropped since. */
  private advance(): boolean {
    const { lines } = this.#book;
    if (lines.gone !== this.#gone) return false;
    this.#lineAt = 0;
    while (this.isBefore(this.#at)) {
      const isWanted = this.render(this.#at);
      this.#at = lines.next(this.#at);
      if (isWanted && --this.#skip < 0) return true;
    }
    this.#line.clear();
    return false;
  }

  private isBefore(at: number): boolean {
    return at >= 0 && at <= this.#lastAt;
  }

  /** Finds the first record and the last; returns the number of damaged places between them. */
  private find(): number {
    const { lines } = this.#book;
    let damaged = 0;
    let startAt = -1;
    let crashFrom = -1;
    let crashTo = -1;
    this.#at = lines.first();
    for (let at = this.#at; at >= 0; ) {
      this.#lastAt = at;
      if (lines.source(at) === START) {
        const from = lines.payload(at);
        if (CRASHED.test(decodeUtf8(lines.bytes, from, from + lines.payloadBytes(at)))) {
          crashFrom = startAt < 0 ? this.#at : startAt;
          crashTo = at;
        }
        startAt = at;
      }
      const next = lines.next(at);
      damaged += this.damage(at, next);
      at = next;
    }
    if (!this.#wish.isCrash) return damaged;
    this.#at = crashFrom;
    this.#lastAt = crashTo;
    return 0;
  }

  /** The moment of the request, so that lines have the same times whenever they are read. */
  now(): number {
    return this.#nowMs;
  }

  ticks(): number {
    return this.#ticks;
  }

  private damage(at: number, next: number): number {
    const { lines } = this.#book;
    let places = 0;
    let isBad = false;
    for (let place = lines.after(at); place < next; place = lines.after(place)) {
      const wasBad = isBad;
      isBad = lines.load(place) < 0;
      if (isBad && !wasBad) places++;
    }
    return places;
  }

  private writeHead(count: number, damaged: number, hasNone: boolean): void {
    const { logFile, maximumLines } = this.#wish;
    let text = `# ${logFile}: ${Math.min(count, maximumLines)} lines`;
    if (count > maximumLines) text += `, the newest of ${count}`;
    if (damaged > 0) text += `; ${damaged} damaged places are left out`;
    if (hasNone) text += '; no crash is in the log';
    this.#line.clear().put(utf8(text)).byte(LINE_END);
    this.#lineAt = 0;
  }

  /** Renders the record at `at` as a line. False: it is not requested. */
  private render(at: number): boolean {
    const { lines } = this.#book;
    const { fromMs, toMs, text } = this.#wish;
    const level = lines.source(at);
    const timeMs = lines.timeMs(at, this);
    if (level < 0 || timeMs < fromMs || timeMs > toMs) return false;
    const line = this.#line.clear();
    if (lines.isEstimated(at)) line.byte(AT_THE_LATEST);
    line.iso(timeMs);
    const levelAt = line.end + 1;
    line.put(NAMES[level] as Uint8Array);
    const from = lines.payload(at);
    line.putRange(lines.bytes, from, from + lines.payloadBytes(at)).byte(LINE_END);
    return text === '' || decodeUtf8(line.bytes, levelAt, line.end).toLowerCase().includes(text);
  }
}
