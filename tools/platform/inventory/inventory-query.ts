// SPDX-License-Identifier: Apache-2.0
/** Selection of managed objects by query parameters and by the simple forms of the query language. */

import type { Call } from '../calls/call.ts';
import { isObject, member, PlatformError } from '../http/http.ts';
import type { Json, ManagedObject } from '../model.ts';
import { formatTime } from '../time.ts';

type Predicate = (object: ManagedObject) => boolean;

/** The objects that match the query of this request, oldest first. Throws the platform's 422. */
export function selectObjects(call: Call): ManagedObject[] {
  const predicates: Predicate[] = [];
  for (const [name, make] of Object.entries(parameters)) {
    const value = call.query.get(name);
    if (value !== null) predicates.push(make(value, call));
  }
  return [...call.core.objects.values()].filter((object) => predicates.every((matches) => matches(object)));
}

const parameters: Readonly<Record<string, (value: string, call: Call) => Predicate>> = {
  type: (value) => (object) => object.fragments['type'] === value,
  fragmentType: (value) => (object) => Object.hasOwn(object.fragments, value),
  owner: (value) => (object) => object.owner === value,
  ids: (value) => {
    const ids = new Set(value.split(','));
    return (object) => ids.has(object.id);
  },
  text: (value) => (object) =>
    String(object.fragments['name'] ?? '')
      .toLowerCase()
      .includes(value.toLowerCase()),
  childDeviceId: (value) => (object) => object.children.childDevices.has(value),
  query: (value) => parse(value),
  q: (value) => {
    const matches = parse(value);
    return (object) => object.fragments['c8y_IsDevice'] !== undefined && matches(object);
  },
};

/** `$filter=(type eq 'x' and has(c8y_Hardware)) $orderby=name asc`, or the expression alone; order is ignored. */
function parse(query: string): Predicate {
  const expression = /^\s*(?:\$filter=)?(.*?)(?:\s*\$orderby=.*)?$/s.exec(query)?.[1] ?? '';
  const tokens = expression.match(/\(|\)|'(?:[^']|'')*'|[^\s()']+/g) ?? [];
  if (tokens.length === 0) return () => true;
  const parser = new Parser(tokens);
  const predicate = parser.disjunction();
  parser.end();
  return predicate;
}

class Parser {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  disjunction(): Predicate {
    const alternatives = [this.#conjunction()];
    while (this.#skip('or')) alternatives.push(this.#conjunction());
    return (object) => alternatives.some((matches) => matches(object));
  }

  end(): void {
    if (this.#next !== this.#tokens.length) throw notUnderstood();
  }

  #conjunction(): Predicate {
    const conditions = [this.#condition()];
    while (this.#skip('and')) conditions.push(this.#condition());
    return (object) => conditions.every((matches) => matches(object));
  }

  #condition(): Predicate {
    if (this.#skip('not')) {
      const matches = this.#condition();
      return (object) => !matches(object);
    }
    if (this.#skip('(')) {
      const inner = this.disjunction();
      this.#expect(')');
      return inner;
    }
    const name = this.#take();
    if (name === 'has') {
      this.#expect('(');
      const fragment = this.#take();
      this.#expect(')');
      return (object) => Object.hasOwn(object.fragments, fragment);
    }
    return comparison(name, this.#take(), this.#take());
  }

  #take(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw notUnderstood();
    this.#next += 1;
    return token;
  }

  #skip(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw notUnderstood();
  }
}

function comparison(path: string, operator: string, literal: string): Predicate {
  const text = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal;
  const pattern = new RegExp(`^${text.split('*').map(escapeRegExp).join('.*')}$`, 's');
  const compare: Record<string, (value: string) => boolean> = {
    eq: (value) => pattern.test(value),
    ne: (value) => !pattern.test(value),
    gt: (value) => order(value, text) > 0,
    ge: (value) => order(value, text) >= 0,
    lt: (value) => order(value, text) < 0,
    le: (value) => order(value, text) <= 0,
  };
  const test = Object.hasOwn(compare, operator) ? compare[operator] : undefined;
  if (test === undefined) throw notUnderstood();
  return (object) => {
    const value = valueAt(object, path);
    return value === undefined ? operator === 'ne' : test(String(value));
  };
}

function valueAt(object: ManagedObject, path: string): Json | undefined {
  if (path === 'id') return object.id;
  if (path === 'owner') return object.owner;
  if (path === 'creationTime') return formatTime(object.creationTimeMs);
  if (path === 'lastUpdated') return formatTime(object.lastUpdatedMs);
  let value: Json | undefined = object.fragments;
  for (const name of path.split('.')) value = isObject(value) ? member(value, name) : undefined;
  return value;
}

function order(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference)) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function notUnderstood(): PlatformError {
  const message = 'Find by filter query failed : Query could not be understood.';
  return new PlatformError(422, 'inventory/Invalid Data', message);
}
