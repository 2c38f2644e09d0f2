// SPDX-License-Identifier: Apache-2.0
/** What somebody may have meant is told by every command, in the one place where refusals become words for a person. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import test from 'ava';
import { build } from 'esbuild';
import { parseConfig } from '../../../../src/config.ts';
import { described } from '../../../../tools/author/app.ts';
import { operationName } from '../../../../tools/operate/words.ts';
import { refusalOf } from '../../../../tools/terminal/command.ts';
import { suggested } from '../../../../tools/terminal/suggested.ts';

/** The words for a person of what this throws. */
function refusal(act: () => unknown, usage?: string): string {
  try {
    act();
  } catch (error) {
    return refusalOf(error, usage);
  }
  return '';
}

test('an unknown option names the one that was meant', (t) => {
  const option = (name: string) => () => parseArgs({ args: [`--${name}`], options: {} });
  const usage = 'usage: fractus start [--port N] [--devices N]';
  t.is(refusal(option('prot'), usage), "Unknown option '--prot'; did you mean --port?");
  t.is(refusal(option('device=5'), usage), "Unknown option '--device'; did you mean --devices?");
  t.is(refusal(option('colour'), usage), "Unknown option '--colour'");
  t.is(refusal(option('prot')), "Unknown option '--prot'");
});

test('an unknown key names the one that was meant, and only if one is near', (t) => {
  const key = (name: string) => () => parseConfig({ [name]: 'x' }, '000000000000');
  t.regex(refusal(key('ulr')), /^ulr: there is no such key; there are: url, .*; did you mean url\?$/);
  t.regex(refusal(key('bootstrapPasword')), /; did you mean bootstrapPassword\?$/);
  t.notRegex(refusal(key('colour')), /did you mean/);
  t.notRegex(refusal(key('\n: there is no such key; there are: a')), /did you mean/);
});

test('an unknown operation, member or choice names the one that was meant', (t) => {
  t.regex(
    refusal(() => operationName('comand', ['c8y_Command', 'c8y_Restart'])),
    /; did you mean c8y_Command\?$/,
  );
  t.is(
    suggested('c8y_Command has no member "txt"; allowed: text, deliveryType; or one JSON value'),
    'c8y_Command has no member "txt"; allowed: text, deliveryType; or one JSON value; did you mean text?',
  );
  t.regex(suggested('--runtime: "nod" is not allowed; allowed: node or xs'), /; did you mean node\?$/);
  t.is(suggested('text: "x" is not allowed; allowed: 1 to 9'), 'text: "x" is not allowed; allowed: 1 to 9');
});

test('each line for itself, and none twice', (t) => {
  const line = 'ulr: there is no such key; there are: url, auth';
  t.is(suggested(`two:\n${line}\nend`), `two:\n${line}; did you mean url?\nend`);
  t.is(suggested(suggested(line)), suggested(line));
});

test('what is imported and not there', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-import-'));
  writeFileSync(path.join(folder, 'kit.js'), 'export const measurement = 1;\n');
  for (const [name, meant] of [
    ['measurment', '; did you mean measurement?'],
    ['sensors', ''],
  ] as const) {
    const app = path.join(folder, 'app.js');
    writeFileSync(app, `import { ${name} } from './kit.js';\n${name}();\n`);
    const building = build({ entryPoints: [app], bundle: true, write: false, logLevel: 'silent' });
    await t.throwsAsync(described(building), { message: `${app}:1:10: there is no ${name} to import${meant}` });
  }
});
