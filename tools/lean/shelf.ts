// SPDX-License-Identifier: Apache-2.0
/**
 * Constants of a module on one object, which methods reach by `this`: code for a board. On XS, a method that uses constants of its
 * module keeps an environment of two slots of flash, and a slot for each. `this[7]` takes three bytes of code instead.
 */

import type { AnyNode, Class, Identifier, Literal, Node, Program, VariableDeclaration } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { namesOf } from './constants.ts';
import { HOLDER } from './methods.ts';
import { passedIn } from './passed.ts';
import { isFunction, lastIndex } from './scopes.ts';
import { type Edit, edited, rewritten, treeOf } from './tree.ts';

const SHELF = '$shelf';
/** The function that bases a class on the shelf. */
const BASE = '$based';
const MADE = `const ${SHELF} = new Object();
const ${BASE} = (made) => {
  Object.setPrototypeOf(made.prototype, ${SHELF});
  return made;
};
`;
/** `for (… in …)` over an object of ours must not find the constants. */
const CLOSED = `for (const place in ${SHELF}) Object.defineProperty(${SHELF}, place, { enumerable: false });
Object.freeze(${SHELF});
`;
/** What a read from the shelf takes more than one of a variable. */
const READ_BYTES = 3;
/** What a local variable takes that is read from the shelf. */
const LOCAL_BYTES = 11;

interface Use {
  readonly name: string;
  readonly node: Identifier;
  /** The functions around it; none in code of the module itself. */
  readonly holders: readonly AnyNode[];
  /** Whether `this` is an object with the shelf there, or will be one. */
  readonly hasShelf: boolean;
  /** Whether it stands in a constructor before the call of the base's one, so that there is no `this` yet. */
  readonly isEarly: boolean;
  readonly isInLoop: boolean;
  /** The constant of the function of the module in which it stands. */
  readonly asker: string | undefined;
}

interface Constant {
  readonly start: number;
  /** Begin of the value. */
  readonly at: number;
  readonly end: number;
  readonly value: AnyNode;
}

interface Constants {
  readonly all: ReadonlyMap<string, Constant>;
  readonly exported: ReadonlySet<string>;
  /** Classes that extend nothing but such classes. */
  readonly classes: ReadonlySet<AnyNode>;
  /** The constants of the functions on the object of all of them, by their keys there. */
  readonly functions: ReadonlyMap<string, string>;
}

/**
 * Puts constants that methods use on the shelf. It is the prototype of the prototypes of all classes that extend nothing, and of the
 * object of the module's functions, so each object with these as prototype has its members: a function is called as `this[7]()` or
 * `$shelf[7]()`, and only methods change whose names are called or tested wherever they are read. What a loop needs, or what is read
 * often, becomes a local variable, which is faster. No object of these classes has members of its own with numbers as names.
 * @param code after `asMethods`
 * @param isInternal whether only this code can use a member of this name
 */
export function shelved(code: string, isInternal: (name: string) => boolean): string {
  const program = treeOf(code);
  const { shorthands, ...names } = namesOf(program);
  const constants = constantsOf(code, program, names);
  const uses = usesOf(program, constants, isInternal);
  const chosen = chosenOf(uses);
  if (chosen.size === 0) return rewritten(code, []);
  const asking = new Set([...chosen].map(({ asker }) => asker));
  const locals = localsOf(chosen, asking);
  const isChosen = (each: Use) => chosen.has(each);
  /** Functions that need an object are never called as variables. */
  const isVariable = (each: Use) => each.holders.length > 0 && !isChosen(each) && !asking.has(each.name);
  const places = placesOf(uses.filter((each) => isChosen(each) || asking.has(each.name)));
  const variables = new Set([...uses.filter(isVariable).map(({ name }) => name), ...constants.exported]);
  const edits: Edit[] = [];
  for (const each of uses) {
    const { name, node } = each;
    const place = places.get(name);
    if (place === undefined || (!isChosen(each) && !asking.has(name) && variables.has(name))) continue;
    const text = locals.has(each) ? localOf(name) : `${isChosen(each) ? objectOf(each) : SHELF}[${place}]`;
    edits.push({ start: node.start, end: node.end, text: shorthands.has(node.start) ? `${name}: ${text}` : text });
  }
  for (const [block, names] of blocksOf(locals)) {
    const declared = [...names].map((name) => `${localOf(name)} = this[${places.get(name)}]`).join(', ');
    edits.push({ start: block.start + 1, end: block.start + 1, text: ` const ${declared};` });
  }
  for (const [name, { start, at, end, value }] of constants.all) {
    const place = places.get(name);
    const isBase = constants.classes.has(value) && !(value as Class).superClass;
    if (name === HOLDER) edits.push({ start: value.start + 1, end: value.start + 1, text: `\n__proto__: ${SHELF},` });
    if (place === undefined && !isBase) continue;
    const variable = place === undefined || variables.has(name) ? `const ${name} = ` : '';
    const shelf = place === undefined ? '' : `${SHELF}[${place}] = `;
    edits.push({ start, end: at, text: `${variable}${shelf}${isBase ? `${BASE}(` : ''}` });
    if (isBase) edits.push({ start: end, end, text: ')' });
  }
  const start = /^(?:import .*\n|\/\/.*\n)*/.exec(code)?.[0].length ?? 0;
  return `${edited(code, [{ start, end: start, text: MADE }, ...edits])}${CLOSED}`;
}

function constantsOf(
  code: string,
  program: Program,
  { bindings, exported }: Pick<ReturnType<typeof namesOf>, 'bindings' | 'exported'>,
): Constants {
  const all = new Map<string, Constant>();
  const classes = new Set<AnyNode>();
  const functions = new Map<string, string>();
  for (const { type, start, ...statement } of program.body as VariableDeclaration[]) {
    if (type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    const [only, more] = statement.declarations;
    if (only?.id.type !== 'Identifier' || !only.init || more || bindings.get(only.id.name) !== 1) continue;
    const { init, end } = only;
    const { name } = only.id;
    // The value may stand in parentheses.
    const at = code.indexOf('=', only.id.end) + 2;
    all.set(name, { start, at, end, value: init });
    if (init.type === 'ClassExpression') {
      const { superClass } = init;
      const base = superClass?.type === 'Identifier' ? all.get(superClass.name)?.value : undefined;
      if (!superClass || (base && classes.has(base))) classes.add(init);
    }
    if (init.type === 'MemberExpression' && init.object.type === 'Identifier' && init.object.name === HOLDER) {
      functions.set(code.slice(init.property.start, init.property.end), name);
    }
  }
  return { all, exported, classes, functions };
}

/** All uses of constants but their declarations. */
function usesOf(program: Program, constants: Constants, isInternal: (name: string) => boolean): Use[] {
  const { passed, taken } = passedIn(program);
  const found: Use[] = [];
  fullAncestor(program, (node, _, ancestors, type) => {
    const use = node as Identifier;
    if (use.type !== 'Identifier' || type === 'VariablePattern') return;
    if (!constants.all.has(use.name) || use.name === HOLDER) return;
    const around = ancestors.slice(0, -1) as AnyNode[];
    const holders = around.filter((each) => isFunction(each));
    const at = lastIndex(around, (each) => isFunction(each) && each.type !== 'ArrowFunctionExpression');
    const asker = functionOf(around[at - 1], around[at - 3]);
    const isReached = !around.slice(at + 1).some((each) => isArrowWithoutThis(each));
    const isInLoop = around.slice(lastIndex(around, isFunction) + 1).some(isLoop);
    const hasShelf = at > 0 && isReached && (asker === undefined ? isMethod(around, at) : !passed.has(asker));
    const isEarly = isBeforeSuper(around, at, use);
    found.push({ name: use.name, node: use, holders, hasShelf, isEarly, isInLoop, asker });
  });
  return found;

  /** The constant of a function of the module, if this is its member. */
  function functionOf(member: AnyNode | undefined, declared: AnyNode | undefined): string | undefined {
    if (member?.type !== 'Property' || declared?.type !== 'VariableDeclarator') return undefined;
    const isOfModule =
      declared.id.type === 'Identifier' && declared.id.name === HOLDER && member.key.type === 'Literal';
    const name = isOfModule ? constants.functions.get(String((member.key as Literal).value)) : undefined;
    return name === undefined || constants.exported.has(name) ? undefined : name;
  }

  /** Whether the function at this index is a method that is called with its object. */
  function isMethod(around: readonly AnyNode[], at: number): boolean {
    const [member, owner] = [around[at - 1], around[at - 3]];
    if (member?.type !== 'MethodDefinition' || member.static || member.key.type !== 'Identifier') return false;
    if (owner?.type !== 'ClassExpression' || !constants.classes.has(owner)) return false;
    if (member.kind !== 'method') return true;
    const { name } = member.key;
    // Other code may call a method without its object, if it needs none.
    return !taken.has(`.${name}`) && (isInternal(name) || mentions(member.value, 'ThisExpression'));
  }
}

function isLoop({ type }: AnyNode): boolean {
  return /^(?:For|While|DoWhile)/.test(type);
}

/** The shelf would be the first reason for this arrow to keep the `this` around it. */
function isArrowWithoutThis(node: AnyNode): boolean {
  return node.type === 'ArrowFunctionExpression' && !mentions(node, 'ThisExpression');
}

function mentions(node: AnyNode, type: AnyNode['type']): boolean {
  let found = false;
  full(node, (each) => {
    if (each.type === type) found = true;
  });
  return found;
}

/** Whether a node in this function, a constructor, stands before the end of the call of the base's constructor. */
function isBeforeSuper(around: readonly AnyNode[], at: number, { start }: Node): boolean {
  const [member, owner] = [around[at - 1], around[at - 3]];
  if (member?.type !== 'MethodDefinition' || member.kind !== 'constructor') return false;
  return owner?.type === 'ClassExpression' && !!owner.superClass && start < superCallIn(member);
}

/** The object at a use whose prototype, or that of its prototype, is the shelf. */
function objectOf({ isEarly }: Use): string {
  return isEarly ? 'new.target.prototype' : 'this';
}

/** Where the call of the base's constructor ends. */
function superCallIn(node: AnyNode): number {
  let end = node.end;
  full(node, (each) => {
    const call = each as AnyNode;
    if (call.type === 'CallExpression' && call.callee.type === 'Super') end = call.end;
  });
  return end;
}

/** The uses that become reads from the shelf. */
function chosenOf(uses: readonly Use[]): Set<Use> {
  const chosen = new Set<Use>();
  /** Names that functions inside need as variables, so that those around them keep them. */
  const kept = new Map<AnyNode, Set<string>>();
  // The innermost functions first.
  for (const [holder, own] of [...byHolder(uses)].sort(([a], [b]) => b.start - a.start)) {
    for (const [name, all] of own) {
      if (!kept.get(holder)?.has(name) && all.every(({ hasShelf }) => hasShelf)) {
        for (const each of all) chosen.add(each);
        continue;
      }
      for (const outer of all[0]?.holders.slice(0, -1) ?? []) {
        kept.set(outer, (kept.get(outer) ?? new Set()).add(name));
      }
    }
  }
  return chosen;
}

/** The uses that become local variables. A function that needs an object cannot be called as one. */
function localsOf(chosen: Iterable<Use>, asking: ReadonlySet<string | undefined>): Set<Use> {
  const locals = new Set<Use>();
  for (const [holder, own] of byHolder(chosen)) {
    const block = blockOf(holder);
    if (block === undefined) continue;
    for (const [name, each] of own) {
      // Defaults of parameters do not see what the block declares.
      const all = each.filter(({ node }) => node.start > block.start);
      const isOften = all.some(({ isInLoop }) => isInLoop) || all.length * READ_BYTES > LOCAL_BYTES;
      if (isOften && !asking.has(name)) for (const each of all) locals.add(each);
    }
  }
  return locals;
}

/** Uses in functions, by function and name. */
function byHolder(uses: Iterable<Use>): Map<AnyNode, Map<string, Use[]>> {
  const all = new Map<AnyNode, Map<string, Use[]>>();
  for (const each of uses) {
    const holder = each.holders.at(-1);
    if (holder === undefined) continue;
    const own = all.get(holder) ?? new Map<string, Use[]>();
    all.set(holder, own);
    const same = own.get(each.name);
    if (same === undefined) own.set(each.name, [each]);
    else same.push(each);
  }
  return all;
}

/** Where local variables of a function can be declared, unless it is the constructor of a class with a base. */
function blockOf(holder: AnyNode): Node | undefined {
  const { body } = holder as AnyNode & { body: AnyNode };
  return body.type === 'BlockStatement' && !mentions(body, 'Super') ? body : undefined;
}

/** The local variables of each function. */
function blocksOf(locals: ReadonlySet<Use>): Map<Node, Set<string>> {
  const blocks = new Map<Node, Set<string>>();
  for (const { name, holders } of locals) {
    const block = blockOf(holders.at(-1) as AnyNode);
    if (block) blocks.set(block, (blocks.get(block) ?? new Set()).add(name));
  }
  return blocks;
}

function localOf(name: string): string {
  return `${name}$here`;
}

/** The places on the shelf: the constants with the most uses first, whose numbers are short. */
function placesOf(uses: readonly Use[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of uses) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
  return new Map(sorted.map(([name], i) => [name, i]));
}
