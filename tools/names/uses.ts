// SPDX-License-Identifier: Apache-2.0
/** Names that sources use as texts, or for members that no type of ours declares. */

import { ts } from '@ts-morph/common';
import type { Flows } from './flows.ts';
import { eachNode, fileOf, type Member, placeOf, type Type, type Types } from './types.ts';

const { TypeFlags } = ts;

/** Functions as `FILE NAME`. */
interface Reviewed {
  /** They may have members by any name. */
  readonly hidden: readonly string[];
  /** Their values are not followed. */
  readonly passedOn: readonly string[];
}

export class Uses {
  /** Functions that a person has to look at, each with the place. */
  readonly open = new Set<string>();
  readonly #types: Types;
  readonly #flows: Flows;
  readonly #reviewed: Reviewed;
  readonly #found = new Set<string>();

  constructor(types: Types, flows: Flows, reviewed: Reviewed = { hidden: [], passedOn: [] }) {
    this.#types = types;
    this.#flows = flows;
    this.#reviewed = reviewed;
  }

  /** Reviewed functions that need it no longer. */
  get missing(): readonly string[] {
    const { hidden, passedOn } = this.#reviewed;
    return [...hidden, ...passedOn].filter((each) => !this.#found.has(each));
  }

  /** @param name of a source, from the package's root */
  read(name: string): void {
    eachNode(this.#types.file(name), (node) => {
      this.#readNames(node);
      if (ts.isExpression(node) && !ts.isParenthesizedExpression(node)) this.#readValue(node);
    });
  }

  #readNames(node: ts.Node): void {
    const { checker } = this.#types;
    if (ts.isPropertyAccessExpression(node)) {
      if (ts.isIdentifier(node.name)) this.#readMember(node.name.text, checker.getSymbolAtLocation(node.name), node);
    } else if (ts.isBindingElement(node)) {
      this.#readBinding(node);
    } else if (ts.isElementAccessExpression(node)) {
      this.#readKey(node.argumentExpression, this.#typeAt(node.expression));
    } else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword) {
      this.#readKey(node.left, this.#typeAt(node.right));
    } else if (ts.isComputedPropertyName(node)) {
      const literal = node.parent.parent;
      if (!ts.isBindingElement(node.parent))
        this.#readKey(node.expression, ts.isObjectLiteralExpression(literal) ? this.#typeAt(literal) : undefined);
    } else if (ts.isStringLiteralLike(node)) {
      if (this.#isName(node)) this.#flows.keep(node.text, `${placeOf(node)}: a text`);
    } else if (ts.isCallExpression(node)) {
      this.#readCall(node);
    } else if (ts.isForInStatement(node)) {
      this.#flows.leave(this.#typeAt(node.expression), placeOf(node));
    } else if (ts.isTypePredicateNode(node) && node.type !== undefined) {
      // `value is Type`
      const [parameter] = ts.isFunctionLike(node.parent) ? node.parent.parameters : [];
      if (parameter !== undefined)
        this.#flows.follow(this.#typeAt(parameter), checker.getTypeFromTypeNode(node.type), placeOf(node));
    }
  }

  /** A member that no type of ours declares. */
  #readMember(name: string, member: Member | undefined, node: ts.Node): void {
    if (member?.declarations === undefined) this.#flows.keep(name, `${placeOf(node)}: declared nowhere`);
    else if (this.#types.isForeign(member)) this.#flows.keep(name, `${placeOf(node)}: not ours`);
  }

  #readBinding(node: ts.BindingElement): void {
    const name = node.propertyName ?? node.name;
    if (!ts.isObjectBindingPattern(node.parent) || node.dotDotDotToken !== undefined) return;
    const of = node.parent.parent;
    if (ts.isComputedPropertyName(name))
      this.#readKey(
        name.expression,
        ts.isVariableDeclaration(of) && of.initializer ? this.#typeAt(of.initializer) : undefined,
      );
    else if (ts.isIdentifier(name)) this.#readMember(name.text, this.#typeAt(node.parent).getProperty(name.text), node);
  }

  /** A name of a member of `of`, as a text. */
  #readKey(key: ts.Expression, of: Type | undefined): void {
    const type = this.#typeAt(key);
    if (isKeyOf(type)) return;
    const bound = this.#types.boundOf(type);
    for (const each of bound?.isUnion() ? bound.types : [bound]) {
      if (each?.isStringLiteral()) this.#flows.keep(each.value, `${placeOf(key)}: a key`);
      else if (each !== undefined && each.flags & (TypeFlags.NumberLike | TypeFlags.ESSymbolLike)) continue;
      else if (of === undefined || this.#types.recordOf(of) === undefined) this.#report(key);
    }
  }

  /** A name in quotation marks, or a text for a function of the engine that takes names. */
  #isName(node: ts.StringLiteralLike): boolean {
    const { parent } = node;
    if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isClassElement(parent)) {
      if (parent.name === node) return true;
    }
    const expected = this.#types.checker.getContextualType(node);
    return expected?.isUnion() === true && expected.types.some(({ flags }) => (flags & TypeFlags.ESSymbolLike) !== 0);
  }

  /** A call of a function with a type variable for names of members: the texts that it gets are names. */
  #readCall(node: ts.CallExpression): void {
    const signature = this.#types.checker.getResolvedSignature(node);
    const variables = signature?.getDeclaration()?.typeParameters ?? [];
    if (!variables.some(({ constraint }) => constraint !== undefined && ts.isTypeOperatorNode(constraint))) return;
    for (const each of node.arguments) {
      const type = this.#typeAt(each);
      for (const one of type.isUnion() ? type.types : [type]) {
        if (one.isStringLiteral()) this.#flows.keep(one.value, `${placeOf(each)}: a name of a member`);
      }
    }
  }

  #readValue(node: ts.Expression): void {
    const { checker } = this.#types;
    const type = checker.getTypeAtLocation(node);
    const isEmpty = ts.isObjectLiteralExpression(node) && node.properties.length === 0;
    if (this.#types.isPrimitive(type) || isEmpty || isUnpacked(node)) return;
    const expected = checker.getContextualType(node);
    if (expected === undefined) return;
    const around = functionAround(node);
    if (this.#reviewed.passedOn.includes(around)) {
      this.#found.add(around);
      return;
    }
    const { parent } = node;
    // `a as unknown as B`: from a to B.
    if (ts.isAsExpression(parent) && ts.isAsExpression(parent.parent) && this.#types.isOpen(expected)) return;
    const isRenamed = ts.isAsExpression(node) && ts.isAsExpression(parent) && this.#types.isOpen(type);
    const place = placeOf(node);
    const known = this.#flows.hidden.size;
    this.#flows.follow(isRenamed ? this.#typeAt(node.expression) : type, expected, place);
    if (this.#flows.hidden.size > known) this.#report(node);
  }

  #report(node: ts.Node): void {
    const name = functionAround(node);
    if (this.#reviewed.hidden.includes(name)) this.#found.add(name);
    else this.open.add(`${name}: ${placeOf(node)}`);
  }

  #typeAt(node: ts.Node): Type {
    return this.#types.checker.getNonNullableType(this.#types.checker.getTypeAtLocation(node));
  }
}

/** A type variable that stands for names of members. */
function isKeyOf(type: Type): boolean {
  const declaration = type.getSymbol()?.declarations?.[0];
  if (declaration === undefined || !ts.isTypeParameterDeclaration(declaration)) return false;
  return declaration.constraint !== undefined && ts.isTypeOperatorNode(declaration.constraint);
}

/** The value of a pattern without a type: the compiler expects members of any type there, but no others are read. */
function isUnpacked(node: ts.Expression): boolean {
  const { parent } = node;
  const isPart =
    ts.isConditionalExpression(parent) || ts.isBinaryExpression(parent) || ts.isParenthesizedExpression(parent);
  if (isPart) return isUnpacked(parent);
  const isDeclared = ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent);
  return isDeclared && !ts.isIdentifier(parent.name) && (ts.isBindingElement(parent) || parent.type === undefined);
}

/** The file, and the nearest function with a name. */
function functionAround(node: ts.Node): string {
  let name = '';
  for (let each = node; name === '' && !ts.isSourceFile(each); each = each.parent) {
    if (ts.isConstructorDeclaration(each)) name = 'constructor';
    else if (ts.isFunctionDeclaration(each) || ts.isMethodDeclaration(each)) name = each.name?.getText() ?? '';
  }
  return `${fileOf(node)} ${name}`;
}
