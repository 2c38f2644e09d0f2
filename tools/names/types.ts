// SPDX-License-Identifier: Apache-2.0
/** The compiler's view of our sources. */

import path from 'node:path';
import { getLibFiles, ts } from '@ts-morph/common';
import { ROOT } from '../places.ts';

const { TypeFlags } = ts;

export type Type = ts.Type;
export type Member = ts.Symbol;
export type Signature = ts.Signature;

/** Where the declarations of the language seem to be. */
const LIBRARY = '/libraries';
const OURS = /^(?:src|hal|kit|tools|test)\//;
/** Declarations of the engine, the SDK and the host. */
const FOREIGN = /\.d\.ts$|^hal\/xs\/host\.ts$/;
const NAME = /^[A-Za-z_$][\w$]*$/;
/** Values without members of ours. */
const PRIMITIVE =
  TypeFlags.StringLike |
  TypeFlags.NumberLike |
  TypeFlags.BigIntLike |
  TypeFlags.BooleanLike |
  TypeFlags.ESSymbolLike |
  TypeFlags.Void |
  TypeFlags.Undefined |
  TypeFlags.Null |
  TypeFlags.Never;

export class Types {
  readonly checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #ids = new Map<Type, number>();
  readonly #members = new Map<Type, readonly Member[]>();
  readonly #types = new Map<Member, Type>();

  /**
   * @param names sources, from the package's root
   * @param added texts of further ones
   */
  constructor(names: readonly string[], added: ReadonlyMap<string, string> = new Map()) {
    const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    const files = [...names, ...added.keys()].map((name) => path.join(ROOT, name));
    this.#program = ts.createProgram(files, options, hostOf(options, added));
    this.checker = this.#program.getTypeChecker();
    const [trouble] = this.#program.getGlobalDiagnostics();
    if (trouble !== undefined) throw new Error(ts.flattenDiagnosticMessageText(trouble.messageText, ' '));
  }

  /** @param name from the package's root */
  file(name: string): ts.SourceFile {
    const file = this.#program.getSourceFile(path.join(ROOT, name));
    if (file === undefined) throw new Error(`${name} is none of the sources`);
    return file;
  }

  exportsOf(name: string): readonly Member[] {
    const module = this.checker.getSymbolAtLocation(this.file(name));
    return module === undefined ? [] : this.checker.getExportsOfModule(module);
  }

  /** A type that a module exports. */
  declared(file: string, name: string): Type {
    const found = this.exportsOf(file).find((each) => each.name === name);
    if (found === undefined) throw new Error(`${file} exports no ${name}`);
    return this.checker.getDeclaredTypeOfSymbol(found);
  }

  /** A number of its own for each type. */
  idOf(type: Type): number {
    return once(this.#ids, type, () => this.#ids.size);
  }

  membersOf(type: Type): readonly Member[] {
    return once(this.#members, type, () =>
      this.checker.getPropertiesOfType(type).filter(({ name }) => NAME.test(name)),
    );
  }

  typeOf(member: Member): Type {
    return once(this.#types, member, () => this.checker.getTypeOfSymbol(member));
  }

  /** Of calls, then of `new`. */
  signaturesOf(type: Type): readonly Signature[] {
    return [...type.getCallSignatures(), ...type.getConstructSignatures()];
  }

  parameterOf({ parameters }: Signature, i: number): Type {
    return this.typeOf(parameters[i] as Member);
  }

  /** Types of elements, and of members of any name. */
  elementsOf(type: Type): readonly Type[] {
    return this.checker.getIndexInfosOfType(type).map((each) => each.type);
  }

  /** The type of members of any name. */
  recordOf(type: Type): Type | undefined {
    return this.checker.getIndexInfosOfType(type).find(({ keyType }) => (keyType.flags & TypeFlags.String) !== 0)?.type;
  }

  /** What a type variable stands for at least. */
  boundOf(type: Type): Type | undefined {
    return type.flags & TypeFlags.Instantiable ? this.checker.getBaseConstraintOfType(type) : type;
  }

  argumentsOf(type: Type): readonly Type[] {
    return isReference(type) ? this.checker.getTypeArguments(type) : [];
  }

  isForeign(member: Member | undefined): boolean {
    const all = member?.declarations ?? [];
    return all.some((each) => {
      const name = path.relative(ROOT, each.getSourceFile().fileName);
      return !OURS.test(name) || FOREIGN.test(name);
    });
  }

  /** A type of the engine or the SDK, or an array: its members are not ours. */
  isForeignType(type: Type): boolean {
    return this.checker.isArrayLikeType(type) || this.isForeign(type.getSymbol());
  }

  isPrimitive({ flags }: Type): boolean {
    return (flags & PRIMITIVE) !== 0;
  }

  /** The type names no members, and a value of it may have any. */
  isOpen(type: Type): boolean {
    if (type.flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.NonPrimitive)) return true;
    return (type.flags & TypeFlags.Object) !== 0 && this.isBare(type);
  }

  isBare(type: Type): boolean {
    const members = this.checker.getPropertiesOfType(type).length;
    return members + this.signaturesOf(type).length + this.elementsOf(type).length === 0;
  }

  textOf(type: Type): string {
    return this.checker.typeToString(type).slice(0, 80);
  }
}

/** Reads the declarations of the language from the compiler, where they are no files. */
function hostOf(options: ts.CompilerOptions, added: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const texts = new Map([
    ...getLibFiles().map(({ fileName, text }) => [path.join(LIBRARY, fileName), text] as const),
    ...[...added].map(([name, text]) => [path.join(ROOT, name), text] as const),
  ]);
  return Object.assign(host, {
    getDefaultLibLocation: () => LIBRARY,
    getDefaultLibFileName: () => path.join(LIBRARY, 'lib.d.ts'),
    readFile: (file: string) => texts.get(file) ?? readFile(file),
    fileExists: (file: string) => texts.has(file) || fileExists(file),
  });
}

/** Calls `visit` for a node and all nodes in it. */
export function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (each) => eachNode(each, visit));
}

/** The file and the line, for messages. */
export function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${fileOf(node)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

export function fileOf(node: ts.Node): string {
  return path.relative(ROOT, node.getSourceFile().fileName);
}

function isReference(type: Type): type is ts.TypeReference {
  return (
    (type.flags & TypeFlags.Object) !== 0 && ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0
  );
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
