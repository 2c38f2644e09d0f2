// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../bytes/text.ts';
import { MAX_DEPTH } from './grammar.ts';

/**
 * State of the automaton. The order matters: first the states of a string, then the states in which a number may end,
 * then the other states of a number.
 */
export const Stand = {
  InString: 0,
  Escape: 1,
  Unicode: 2,
  Zero: 3,
  Whole: 4,
  Fraction: 5,
  Exponent: 6,
  Minus: 7,
  Point: 8,
  ExponentMark: 9,
  ExponentSign: 10,
  Literal: 11,
  Value: 12,
  /** After `[`: a value or `]`. */
  ValueOrEnd: 13,
  Name: 14,
  /** After `{`: a name or `}`. */
  NameOrEnd: 15,
  Colon: 16,
  AfterValue: 17,
  /** Inside a value deeper than `MAX_DEPTH`. */
  Deep: 18,
} as const;
export type Stand = (typeof Stand)[keyof typeof Stand];

const TRUE = ascii('true');
const FALSE = ascii('false');
const NULL = ascii('null');
const Quoted = { No: 0, Yes: 1, Escape: 2 } as const;
const ESCAPES = ascii('"\\/bfnrt');
const UNICODE_DIGITS = 4;

const QUOTE = 0x22;
const ZERO = 0x30;

/**
 * Reads JSON text (RFC 8259) byte by byte and keeps only a few numbers of state. Beyond 32 levels it only looks for the
 * end of the value: nobody reads such a value, but the rest of the text must stay readable.
 */
export class JsonAutomaton {
  stand: Stand = Stand.Value;
  /** Number of open arrays and objects. */
  depth = 0;
  /** One bit per level, the innermost lowest: 1 for an object. */
  #objects = 0;
  /** The current string is the name of a member. */
  #naming = false;
  #literal: Uint8Array = TRUE;
  /** Number of bytes read of the literal, or of the digits of a Unicode escape. */
  #tokenAt = 0;
  /** Number of open arrays and objects beyond `MAX_DEPTH`. */
  #deeper = 0;
  /** State of a string beyond `MAX_DEPTH`. */
  #quoted: number = Quoted.No;

  reset(): void {
    this.stand = Stand.Value;
    this.depth = 0;
    this.#objects = 0;
  }

  /** Goes back to the beginning of the current element, whose depth is `depth`. */
  rewind(depth: number): void {
    this.#objects >>>= this.depth - depth;
    this.depth = depth;
    this.stand = Stand.Value;
  }

  /** Whether the text so far is one complete value. */
  get complete(): boolean {
    return this.depth === 0 && (this.stand === Stand.AfterValue || isNumberEnd(this.stand));
  }

  /** Takes the next byte. Returns false when the text is not JSON. */
  step(byte: number): boolean {
    const stand = this.stand;
    if (stand === Stand.InString) return this.string(byte);
    if (stand === Stand.Escape) return this.escape(byte);
    if (stand === Stand.Unicode) return this.unicode(byte);
    if (stand === Stand.Literal) return this.letter(byte);
    if (stand < Stand.Literal) {
      if (this.number(byte)) return true;
      if (!isNumberEnd(stand)) return false;
      this.stand = Stand.AfterValue;
    }
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return true;
    switch (this.stand) {
      case Stand.ValueOrEnd:
        return byte === 0x5d ? this.close(0) : this.value(byte);
      case Stand.Value:
        return this.value(byte);
      case Stand.NameOrEnd:
        return byte === 0x7d ? this.close(1) : this.name(byte);
      case Stand.Name:
        return this.name(byte);
      case Stand.Colon:
        this.stand = Stand.Value;
        return byte === 0x3a;
      case Stand.Deep:
        return this.below(byte);
      default:
        return this.afterValue(byte);
    }
  }

  private value(byte: number): boolean {
    if (byte === QUOTE) {
      this.#naming = false;
      this.stand = Stand.InString;
      return true;
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (this.depth === MAX_DEPTH) {
        this.stand = Stand.Deep;
        this.#quoted = Quoted.No;
        this.#deeper = 1;
        return true;
      }
      const object = byte === 0x7b;
      this.depth++;
      this.#objects = (this.#objects << 1) | (object ? 1 : 0);
      this.stand = object ? Stand.NameOrEnd : Stand.ValueOrEnd;
      return true;
    }
    if (byte === 0x2d) this.stand = Stand.Minus;
    else if (byte === ZERO) this.stand = Stand.Zero;
    else if (isDigit(byte)) this.stand = Stand.Whole;
    else return this.startLiteral(byte);
    return true;
  }

  private below(byte: number): boolean {
    if (this.#quoted === Quoted.Escape) this.#quoted = Quoted.Yes;
    else if (this.#quoted === Quoted.Yes) {
      if (byte === QUOTE) this.#quoted = Quoted.No;
      else if (byte === 0x5c) this.#quoted = Quoted.Escape;
    } else if (byte === QUOTE) this.#quoted = Quoted.Yes;
    else if (byte === 0x7b || byte === 0x5b) this.#deeper++;
    else if ((byte === 0x7d || byte === 0x5d) && --this.#deeper === 0) this.stand = Stand.AfterValue;
    return true;
  }

  private name(byte: number): boolean {
    this.#naming = true;
    this.stand = Stand.InString;
    return byte === QUOTE;
  }

  private afterValue(byte: number): boolean {
    if (this.depth === 0) return false;
    const object = this.#objects & 1;
    if (byte === 0x2c) {
      this.stand = object === 1 ? Stand.Name : Stand.Value;
      return true;
    }
    return byte === (object === 1 ? 0x7d : 0x5d) && this.close(object);
  }

  private close(object: number): boolean {
    if ((this.#objects & 1) !== object) return false;
    this.#objects >>>= 1;
    this.depth--;
    this.stand = Stand.AfterValue;
    return true;
  }

  private string(byte: number): boolean {
    if (byte === QUOTE) this.stand = this.#naming ? Stand.Colon : Stand.AfterValue;
    else if (byte === 0x5c) this.stand = Stand.Escape;
    return byte >= 0x20;
  }

  private escape(byte: number): boolean {
    this.stand = Stand.InString;
    if (byte !== 0x75) return ESCAPES.indexOf(byte) >= 0;
    this.stand = Stand.Unicode;
    this.#tokenAt = 0;
    return true;
  }

  private unicode(byte: number): boolean {
    if (++this.#tokenAt === UNICODE_DIGITS) this.stand = Stand.InString;
    const letter = byte | 0x20;
    return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
  }

  /** Whether `byte` belongs to the number. */
  private number(byte: number): boolean {
    const stand = this.stand;
    if (isDigit(byte)) {
      if (stand === Stand.Zero) return false;
      if (stand === Stand.Minus) this.stand = byte === ZERO ? Stand.Zero : Stand.Whole;
      else if (stand === Stand.Point) this.stand = Stand.Fraction;
      else if (stand === Stand.ExponentMark || stand === Stand.ExponentSign) this.stand = Stand.Exponent;
      return true;
    }
    if (byte === 0x2e && (stand === Stand.Zero || stand === Stand.Whole)) this.stand = Stand.Point;
    else if ((byte | 0x20) === 0x65 && stand <= Stand.Fraction) this.stand = Stand.ExponentMark;
    else if ((byte === 0x2b || byte === 0x2d) && stand === Stand.ExponentMark) this.stand = Stand.ExponentSign;
    else return false;
    return true;
  }

  private startLiteral(byte: number): boolean {
    if (byte === 0x74) this.#literal = TRUE;
    else if (byte === 0x66) this.#literal = FALSE;
    else if (byte === 0x6e) this.#literal = NULL;
    else return false;
    this.#tokenAt = 1;
    this.stand = Stand.Literal;
    return true;
  }

  private letter(byte: number): boolean {
    if (this.#literal[this.#tokenAt] !== byte) return false;
    if (++this.#tokenAt === this.#literal.length) this.stand = Stand.AfterValue;
    return true;
  }
}

/** Whether a number may end in this state. */
export function isNumberEnd(stand: Stand): boolean {
  return stand >= Stand.Zero && stand <= Stand.Exponent;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
