// SPDX-License-Identifier: Apache-2.0
/** Finds capabilities of the board on a child, and those of a child in the list of the board. */

import type { ArrayExpression, CallExpression, Node, parse } from 'acorn';
import { simple } from 'acorn-walk';

/** They change, restart or ask the board itself; the value is what a child takes instead. */
const OF_BOARD: Readonly<Record<string, string>> = {
  command: 'a capability of its own for c8y_Command',
  configuration: 'a capability of its own for c8y_Configuration',
  enrolment: '',
  firmware: 'childFirmware(driver)',
  logs: 'logFiles(file)',
  network: '',
  remoteAccess: '',
  restart: 'a capability of its own for c8y_Restart',
  sendConfiguration: 'a capability of its own for c8y_SendConfiguration',
  shell: 'a capability of its own for c8y_Command',
  signedFirmware: 'childFirmware(driver)',
  software: 'childSoftware(driver)',
};
const OF_CHILD = ['childSoftware', 'childFirmware'];
const LIST = 'capabilities';

/** One problem, and its place in the tree. */
export interface Misplaced {
  readonly node: Node;
  readonly what: string;
}

/** Looks only at what a module imports from fractus: a capability that an author writes may do anything. */
export function misplacedCapabilities(tree: ReturnType<typeof parse>): Misplaced[] {
  const imports = importedNames(tree);
  const children = childNames(tree);
  const found: Misplaced[] = [];
  const nameOf = (node: Node | null | undefined): string => {
    const made = node?.type === 'CallExpression' ? (node as CallExpression).callee : node;
    return made?.type === 'Identifier' ? (imports.get((made as Named).name) ?? '') : '';
  };
  const lookAtList = (name: string, value: Node | null | undefined) => {
    if (name !== LIST || value?.type !== 'ArrayExpression') return;
    for (const each of (value as ArrayExpression).elements) {
      const capability = nameOf(each);
      if (each !== null && OF_CHILD.includes(capability))
        found.push({ node: each, what: `${capability} is for a child; add it with child.operation` });
    }
  };
  simple(tree, {
    CallExpression({ callee, arguments: [argument] }) {
      if (callee.type !== 'MemberExpression' || keyOf(callee) !== 'operation' || argument === undefined) return;
      if (!isChild(callee.object) && !children.has(keyOf(callee.object))) return;
      const capability = nameOf(argument);
      if (!Object.hasOwn(OF_BOARD, capability)) return;
      const instead = OF_BOARD[capability] === '' ? '' : `; for a child use ${OF_BOARD[capability]}`;
      found.push({ node: argument, what: `${capability} is for the board itself${instead}` });
    },
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier') lookAtList(id.name, init);
    },
    Property({ key, value }) {
      if (key.type === 'Identifier') lookAtList(key.name, value);
    },
  });
  return found;
}

/** Names in the module by the names that fractus exports. */
function importedNames({ body }: ReturnType<typeof parse>): Map<string, string> {
  const names = new Map<string, string>();
  for (const each of body) {
    if (each.type !== 'ImportDeclaration' || !/^fractus(?:\/|$)/.test(String(each.source.value))) continue;
    for (const specifier of each.specifiers)
      if (specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier')
        names.set(specifier.local.name, specifier.imported.name);
  }
  return names;
}

/** Names of variables and members that hold a child. */
function childNames(tree: ReturnType<typeof parse>): Set<string> {
  const names = new Set<string>();
  simple(tree, {
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && isChild(init)) names.add(id.name);
    },
    AssignmentExpression({ left, right }) {
      if (isChild(right)) names.add(keyOf(left));
    },
  });
  names.delete('');
  return names;
}

/** Whether the node is the call that declares a child. */
function isChild(node: Node | null | undefined): boolean {
  if (node?.type !== 'CallExpression') return false;
  const { callee } = node as CallExpression;
  return callee.type === 'MemberExpression' && keyOf(callee) === 'child';
}

/** The name of a variable, or of a member; empty: it has none. */
function keyOf(node: Node): string {
  if (node.type === 'Identifier') return (node as Named).name;
  const property = node.type === 'MemberExpression' ? (node as Node & { readonly property: Node }).property : undefined;
  if (property?.type === 'Identifier' || property?.type === 'PrivateIdentifier') return (property as Named).name;
  return '';
}

type Named = Node & { readonly name: string };
