// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { indexed } from '../../../tools/lean/lists.ts';

const LOOPS = `// src/here.ts
for (const each of list()) {
  each();
}
for (const [name, , value = "", ...rest] of pairs) for (const { a } of rest) f(a, name, value);
const [first, second] = text.split(",");
const [{ deep }] = list;
const [one] = list;
for (const each of changing) changing = each;
for (const key in members) f(key);
// elsewhere.ts
for (const each of list()) {
  each();
}
`;

test('lists of our own are gone through and taken apart by their indexes', (t) => {
  t.is(
    indexed(LOOPS),
    `// src/here.ts
for (let $at0 = 0, $list0 = list(); $at0 < $list0.length; $at0++) { const each = $list0[$at0]; 
  each();
}
for (let $at2 = 0; $at2 < pairs.length; $at2++) { const $item2 = pairs[$at2], name = $item2[0], value = $item2[2] ?? "", rest = $item2.slice(3); for (let $at1 = 0; $at1 < rest.length; $at1++) { const { a } = rest[$at1]; f(a, name, value); } }
const $list3 = text.split(","), first = $list3[0], second = $list3[1];
const [{ deep }] = list;
const one = list[0];
for (let $at5 = 0, $list5 = changing; $at5 < $list5.length; $at5++) { const each = $list5[$at5]; changing = each; }
for (const key in members) f(key);
// elsewhere.ts
for (const each of list()) {
  each();
}
`,
  );
});

test('sources that a board goes through by indexes have no iterators but those of arrays', (t) => {
  let seen = 0;
  for (const folder of ['src', 'hal/esp32']) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, name);
      if (!file.endsWith('.ts') || file.endsWith('.d.ts') || file.startsWith('hal/esp32/lin/')) continue;
      const source = readFileSync(file, 'utf8');
      t.notRegex(source, /\bnew (?:Weak)?(?:Map|Set)\b|function\*|\.matchAll\(|Symbol\.iterator|\bIterable/, file);
      if (indexed(`// ${file}\nfor (const each of list) f(each);\n`).includes('$at0')) seen++;
    }
  }
  t.true(seen > 150);
});
