// SPDX-License-Identifier: Apache-2.0
/** Where a value of one type becomes one of another, and which members keep their names for it. */

import type { Signature, Type, Types } from './types.ts';

export class Flows {
  /** Names that stay, each with the first reason. */
  readonly kept = new Map<string, string>();
  /** Places where a type variable hides which members a value has. */
  readonly hidden = new Set<string>();
  readonly #types: Types;
  readonly #seen = new Set<string>();
  #place = '';

  constructor(types: Types) {
    this.#types = types;
  }

  keep(name: string, why: string): void {
    if (!this.kept.has(name)) this.kept.set(name, why);
  }

  /** A value of `from` is given where one of `to` is expected. */
  follow(from: Type, to: Type, place: string): void {
    this.#place = place;
    this.#follow(from, to);
  }

  /** The names of the value's members are read. */
  leave(type: Type, place: string): void {
    this.#place = place;
    this.#all(type, 'given away as one without members:');
  }

  #follow(from: Type, to: Type): void {
    const types = this.#types;
    if (from === to || types.isPrimitive(from) || types.isPrimitive(to)) return;
    if (!this.#isNew(`${types.idOf(from)} ${types.idOf(to)}`)) return;
    if (types.isOpen(from)) {
      if (!types.isOpen(to)) this.#all(to, 'taken as');
      return;
    }
    if (from.isUnion()) {
      for (const each of from.types) this.#follow(each, to);
      return;
    }
    if (to.isUnion()) {
      this.#followUnion(from, to.types);
      return;
    }
    const [source, target] = [types.boundOf(from), types.boundOf(to)];
    const isRead = types.isOpen(to) || types.recordOf(to) !== undefined;
    if (isRead && (source !== from || types.isBare(from))) this.hidden.add(this.#place);
    if (source === undefined || target === undefined) return;
    if (source !== from || target !== to) this.#follow(source, target);
    else if (types.isOpen(to)) this.#all(from, 'given away as one without members:');
    else this.#followObject(from, to);
  }

  #followUnion(from: Type, parts: readonly Type[]): void {
    const objects = parts.filter((each) => !this.#types.isPrimitive(each));
    if (objects.includes(from)) return;
    const fitting = objects.filter((each) => this.#types.checker.isTypeAssignableTo(from, each));
    for (const each of fitting.length > 0 ? fitting : objects) this.#follow(from, each);
  }

  #followObject(from: Type, to: Type): void {
    const types = this.#types;
    const [given, expected] = [types.argumentsOf(from), types.argumentsOf(to)];
    const isSame = from.getSymbol() !== undefined && from.getSymbol() === to.getSymbol();
    if ((isSame || types.isForeignType(to)) && expected.length > 0) {
      const pairs = given.length === expected.length ? given : types.elementsOf(from);
      for (const [i, each] of pairs.entries()) {
        for (const other of pairs === given ? expected.slice(i, i + 1) : expected) this.#follow(each, other);
      }
      if (types.isForeignType(from)) return;
    }
    this.#followMembers(from, to);
    for (const [i, each] of types.signaturesOf(to).entries()) {
      const own = types.signaturesOf(from)[i] ?? types.signaturesOf(from)[0];
      if (own !== undefined) this.#followCall(own, each);
    }
  }

  #followMembers(from: Type, to: Type): void {
    const types = this.#types;
    const [values, record] = [types.recordOf(from), types.recordOf(to)];
    const why = `${this.#place}: ${types.textOf(from)} as ${types.textOf(to)}`;
    const targets = new Map(types.membersOf(to).map((each) => [each.name, each]));
    for (const member of types.membersOf(from)) {
      const target = targets.get(member.name);
      targets.delete(member.name);
      const other = target === undefined ? record : types.typeOf(target);
      if (other === undefined) continue;
      if (target === undefined || types.isForeign(member) !== types.isForeign(target)) this.keep(member.name, why);
      this.#follow(types.typeOf(member), other);
    }
    if (values === undefined) return;
    if (record !== undefined) this.#follow(values, record);
    for (const [name, target] of targets) {
      this.keep(name, why);
      this.#follow(values, types.typeOf(target));
    }
  }

  #followCall(from: Signature, to: Signature): void {
    const count = Math.min(from.parameters.length, to.parameters.length);
    for (let i = 0; i < count; i++) {
      // An underscore marks a parameter without use.
      if (from.parameters[i]?.name.startsWith('_')) continue;
      this.#follow(this.#types.parameterOf(to, i), this.#types.parameterOf(from, i));
    }
    this.#follow(from.getReturnType(), to.getReturnType());
  }

  /** All names of the value, and of those in it. */
  #all(type: Type, what: string): void {
    const types = this.#types;
    if (types.isPrimitive(type) || !this.#isNew(`${what} ${types.idOf(type)}`)) return;
    if (type.isUnionOrIntersection()) {
      for (const each of type.types) this.#all(each, what);
      return;
    }
    const bound = types.boundOf(type);
    if (bound === undefined || types.isOpen(bound)) return;
    for (const each of types.elementsOf(bound)) this.#all(each, what);
    if (types.isForeignType(bound)) {
      for (const each of types.argumentsOf(bound)) this.#all(each, what);
      return;
    }
    for (const member of types.membersOf(bound)) {
      this.keep(member.name, `${this.#place}: ${what} ${types.textOf(bound)}`);
      this.#all(types.typeOf(member), what);
    }
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}
