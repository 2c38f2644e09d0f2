// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { flattened } from '../../../tools/lean/inline.ts';

const INTERNAL = new Set(['add', 'drain', 'judge', 'pass', 'size', 'tell']);

/** `main(log, input)` as written and flattened says the same for each input; returns the flat code. */
function compared(t: ExecutionContext, code: string, inputs: readonly unknown[]): string {
  const flat = flattened(code, (name) => INTERNAL.has(name));
  const told = (text: string) => {
    const main = new Function(`${text}\nreturn main;`)() as (log: unknown[], input: unknown) => unknown;
    return inputs.map((input) => {
      const log: unknown[] = [];
      try {
        return [main(log, input), log];
      } catch (error) {
        return [(error as Error).message, log];
      }
    });
  };
  t.deepEqual(told(flat), told(code));
  return flat;
}

const STATEMENTS = `function sign(n) {
  if (n < 0) return -1;
  for (let i = 0; i < 9; i++) {
    if (i === n) return i;
  }
  if (n > 100) throw new Error("large");
}
function half(n) {
  const whole = n >> 1;
  return whole;
}
function note(log, what) {
  if (what === undefined) return;
  const list = [what].map((each) => {
    return [each, what];
  });
  log.push(...list);
}
function last(log, n) {
  switch (n) {
    case 1:
      return "one";
    case 2:
      log.push("two");
  }
}
function odd(n) {
  return n % 2 !== 0;
}
function pair(a, b) {
  return { a, b };
}
function swap({ length }) {
  return length;
}
function main(log, input) {
  let n = input;
  n = half(n);
  let kept = n;
  const s = sign(n);
  note(log, s);
  try {
    kept++;
    if (odd(kept) && kept > 3) log.push("is odd");
    else log.push(pair(kept, s), swap(log));
    return last(log, kept);
  } finally {
    log.push(kept);
  }
}
`;

test('what a function does stands where it is called, and does the same there', (t) => {
  const flat = compared(t, STATEMENTS, [-3, 0, 2, 3, 4, 9, 17, 300]);
  // Of all these, the only one that takes its parameter apart stays.
  t.deepEqual(flat.match(/function \w+/g), ['function swap', 'function main']);
});

const METHODS = `class Pump {
  constructor(log) {
    this.log = log;
    this.level = 0;
  }
  add(n) {
    const { log, level: before } = this;
    this.level = before + n;
    log.push(this.level);
  }
  drain() {
    while (this.level > 0) {
      this.level--;
      if (this.level === 2) return "two";
    }
    return [1].map(() => this.level)[0];
  }
  get size() {
    return 1;
  }
}
class Owner {
  constructor(log) {
    this.pump = new Pump(log);
  }
  run(n) {
    this.pump.add(n);
    const end = this.pump.drain();
    return \`\${end} \${this.pump.size}\`;
  }
}
const main = (log, input) => new Owner(log).run(input);
`;

test('a method that nobody else can know is where it is called, with its own object', (t) => {
  const flat = compared(t, METHODS, [0, 1, 5]);
  t.notRegex(flat, /\b(?:add|drain)\(/);
  t.regex(flat, /get size/);
});

test('what changes meanwhile is looked at before', (t) => {
  const code = `let count = 0;
function twice(n, log) {
  count += n;
  log.push(n, count);
  count += n;
}
function main(log, input) {
  count = input;
  let at = 1;
  for (const each of [1, 2]) {
    twice(count, log);
    at += each;
  }
  return at + count;
}
`;

  t.notRegex(compared(t, code, [1, 2]), /twice\(/);
});

test('what would mean something else elsewhere stays where it is', (t) => {
  for (const code of [
    // A name that is another one's there, a class's own name, and what is called twice, or by its name as a text.
    'const n = 7;\nfunction seven() {\n  const m = n;\n  return m;\n}\nfunction main(log, n) {\n  return seven() + n;\n}\n',
    'const Box = class _Box {\n  tell() {\n    const made = new _Box();\n    return made;\n  }\n};\nfunction main() {\n  const box = new Box();\n  return typeof box.tell();\n}\n',
    'function f(n) {\n  const m = n + 1;\n  return m;\n}\nfunction main(log, n) {\n  return f(n) * f(n);\n}\n',
    'class A {\n  pass() {\n    return 1;\n  }\n}\nfunction main() {\n  const a = new A();\n  return a.pass() + a["pass"]();\n}\n',
    'class A {\n  pass() {\n    return 1;\n  }\n}\nfunction main() {\n  const { pass } = new A();\n  return pass();\n}\n',
    'class A {\n  outside() {\n    return 1;\n  }\n}\nfunction main() {\n  return new A().outside();\n}\n',
    'class A {\n  judge() {\n    return 1;\n  }\n}\nfunction main(log, a) {\n  return a?.judge();\n}\nnew A();\n',
    'function f(n) {\n  log.push(n);\n  return n;\n}\nconst log = [];\nfunction main(_, n) {\n  return n.toFixed() + f(n);\n}\n',
    'function f(n) {\n  const m = n;\n  return m;\n}\nfunction main(log, n) {\n  while (f(n)) n--;\n  return n;\n}\n',
    'function f(...all) {\n  return all;\n}\nfunction main(log, n) {\n  return f(n);\n}\n',
    'function f() {\n  return arguments.length;\n}\nfunction main(log, n) {\n  return f(n);\n}\n',
  ]) {
    t.is(compared(t, code, [0, 1, undefined]), code);
  }
});

test('an assignment that would get nothing gets it', (t) => {
  const code = `function look(n) {
  if (n > 1) return n;
}
function main(log, input) {
  let seen = "before";
  seen = look(input);
  return seen;
}
`;

  t.notRegex(compared(t, code, [0, 2]), /look\(/);
});

test('what is short is where it is called, also in several places', (t) => {
  const code = `const LIMIT = 3;
class Tank {
  constructor(level) {
    this.level = level;
  }
  size(more) {
    return this.level + more;
  }
}
function least(a, b) {
  return a < b ? a : b;
}
function twice(n) {
  return n + n;
}
function longest(n) {
  return \`\${n} ${'long '.repeat(40)}\`;
}
function main(log, input) {
  const tank = new Tank(input);
  const owner = { tank };
  let n = least(input, LIMIT) - least(LIMIT, 2);
  n = twice(n) - tank.size(n - 1) * owner.tank.size(n + 1);
  log.push(longest(n), longest(input));
  return twice(log.push(n));
}
`;

  const flat = compared(t, code, [0, 1, 3, 9]);
  // Its argument does something, and stands for two.
  t.deepEqual(flat.match(/(?:function|^ {2})(?: \w+|size)\(/gm), [
    'function twice(',
    'function longest(',
    'function main(',
  ]);
});

test('a call moves before what nothing can change, and not before other values', (t) => {
  const code = (statement: string) => `function sum(list) {
  let all = 0;
  for (let i = 0; i < list.length; i++) all += list[i];
  return all;
}
function main(log, input) {
  const step = 2;
  ${statement}
}
`;
  t.notRegex(compared(t, code('return step * sum([input, log.push(input)]);'), [0, 3]), /sum\(/);
  t.regex(compared(t, code('return log.length + sum([input, log.push(input)]);'), [0, 3]), /sum\(/);
});
