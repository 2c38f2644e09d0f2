// SPDX-License-Identifier: Apache-2.0
/** The members that code in other bundles uses: those of everything that some modules export. */

import { ts } from '@ts-morph/common';
import type { Member, Type, Types } from './types.ts';

/**
 * Names of exports, except those with `@internal`, and of all members that can be reached from them, each with a way to it.
 * @param entries modules, from the package's root
 * @param opaque types whose values are only passed on
 */
export function surfaceOf(
  types: Types,
  entries: readonly string[],
  opaque: readonly Type[] = [],
): ReadonlyMap<string, string> {
  const surface = new Surface(types, opaque);
  for (const entry of entries) {
    for (const each of types.exportsOf(entry)) {
      if (!each.getJsDocTags().some(({ name }) => name === 'internal')) surface.addExport(each);
    }
  }
  return surface.names;
}

class Surface {
  readonly names = new Map<string, string>();
  readonly #types: Types;
  readonly #seen: Set<Type>;

  constructor(types: Types, opaque: readonly Type[]) {
    this.#types = types;
    this.#seen = new Set(opaque);
  }

  addExport(exported: Member): void {
    const { checker } = this.#types;
    const own = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    this.#addName(exported.name, 'exported');
    this.#add(checker.getTypeOfSymbol(own), exported.name);
    this.#add(checker.getDeclaredTypeOfSymbol(own), exported.name);
  }

  #addName(name: string, why: string): void {
    if (!this.names.has(name)) this.names.set(name, why);
  }

  #add(type: Type | undefined, why: string): void {
    const types = this.#types;
    if (type === undefined || types.isPrimitive(type) || this.#seen.has(type)) return;
    this.#seen.add(type);
    const parts = type.isUnionOrIntersection() ? type.types : [];
    const bound = types.boundOf(type);
    for (const each of [...(type.aliasTypeArguments ?? []), ...types.argumentsOf(type), ...parts, bound]) {
      this.#add(each, why);
    }
    if (types.isForeignType(type)) return;
    for (const each of types.elementsOf(type)) this.#add(each, why);
    for (const member of types.membersOf(type)) {
      this.#addName(member.name, why);
      this.#add(types.typeOf(member), `${why}.${member.name}`);
    }
    for (const signature of types.signaturesOf(type)) {
      for (let i = 0; i < signature.parameters.length; i++) this.#add(types.parameterOf(signature, i), `${why}()`);
      this.#add(signature.getReturnType(), `${why}()`);
    }
  }
}
