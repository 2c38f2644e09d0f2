// SPDX-License-Identifier: Apache-2.0
/** The ambient types of hal/esp32 against those of the SDK: what we say that it has, it says itself. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { directory, sdk } from './bench.ts';

const typings = path.join(sdk.directory, 'typings');

/** Modules that the SDK's typings have not: ours, and one whose types lie beside it. */
const untold = ['modular', 'ecp', 'curve', 'onewire', 'rsa'];

/**
 * Where its typings say less than its code does, or another thing, and the simulator and the suites of the HAL have shown
 * that ours is so. What the compiler says of each; when it says another thing, one of the two has changed.
 */
const differing: Readonly<Record<string, RegExp>> = {
  crypt: /missing the following properties .*: GHASH, BlockCipher, Mode$/,
  // The functions are those that our manifest names.
  'mc/ffi': /'FFI' is missing the following properties .*: write, read, /,
  // Both have a brand.
  timer: /Property 'timer' is missing in type 'Timer'/,
  // A buffer of the host, which views take as they take an ArrayBuffer.
  Resource: /'ResourceConstructor' is missing the following properties .*: isView, /,
  // Those of a connector, which take any options, and are closed.
  'embedded:io/analog': /'typeof Analog' is not assignable to type 'IoClass<AnalogIo>'/,
  'embedded:io/digital': /'typeof Digital' is not assignable to type 'DigitalClass'/,
  'embedded:io/pwm': /'typeof PWM' is not assignable to type 'IoClass<PwmIo>'/,
  'embedded:io/socket/tcp': /Property 'target' is missing in type 'TCP'/,
  'embedded:io/socket/udp': /Property 'close' is missing in type 'UDP'/,
  'embedded:storage/files': /Property 'root' is missing/,
  // By its format, which ours names.
  'embedded:storage/key-value': /'string' is not assignable to type 'ArrayBuffer'/,
  'embedded:update': /Property 'format' is missing in type 'Partition'/,
};

/** Our declarations, each module under a name of its own. */
function ourDeclarations(): string {
  const files = ['moddable.d.ts', 'sensors/buses.d.ts', 'tls/sdk.d.ts'].map((name) =>
    readFileSync(path.join(ROOT, 'hal/esp32', name), 'utf8'),
  );
  return (
    files
      .join('\n')
      .replace(/^\/\/\/ .*$/gm, '')
      // Modules of our own, and drivers.
      .replace(/^declare module '(?:fractus\/|embedded:sensor\/)[^']*' \{.*?^\}$/gms, '')
      .replaceAll("declare module '", "declare module 'ours:")
      .replaceAll("import('embedded:", "import('ours:embedded:")
      .replaceAll("from 'ecp'", "from 'ours:ecp'")
      .replaceAll(/import\('\.\.?\//g, `import('${ROOT}/hal/esp32/`)
  );
}

function namesIn(declarations: string): string[] {
  return [...declarations.matchAll(/declare module ['"](?:ours:)?([^'"]+)/g)].map(([, name = '']) => name);
}

/** What the compiler says against each module. */
function compile(project: string, modules: readonly string[]): Record<string, string> {
  const said: Record<string, string> = {};
  let output = '';
  try {
    execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false', '-p', project]);
  } catch (error) {
    output = String((error as { stdout: Buffer }).stdout);
  }
  for (const text of output.split(/^(?=\S)/m)) {
    const [, line] = /^\S*held\.ts\((\d+),/.exec(text) ?? [];
    said[modules[Number(line) - 1] ?? 'all'] = text.trim();
  }
  return said;
}

test('our types hold against those of the SDK', (t) => {
  const ours = ourDeclarations();
  const declarations = readdirSync(typings, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => path.join(typings, name));
  const theirs = new Set(declarations.flatMap((file) => namesIn(readFileSync(file, 'utf8'))));
  const all = namesIn(ours).filter((name) => name !== 'system');
  t.deepEqual(all.filter((name) => !theirs.has(name)).sort(), [...untold].sort());
  const modules = all.filter((name) => theirs.has(name));
  t.true(modules.length > 10);

  const project = directory('typings');
  const lines = modules.map(
    (name, i) =>
      `import * as ours${i} from 'ours:${name}'; import * as theirs${i} from '${name}'; ` +
      `export const held${i}: typeof ours${i} = theirs${i};`,
  );
  writeFileSync(path.join(project, 'ours.d.ts'), ours);
  writeFileSync(path.join(project, 'held.ts'), lines.join('\n'));
  const configuration = {
    extends: path.join(ROOT, 'tsconfig.json'),
    compilerOptions: { lib: ['es2024'], types: [] },
    files: ['held.ts', 'ours.d.ts', ...declarations],
    include: [],
  };
  writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify(configuration));
  const said = compile(project, modules);
  t.deepEqual(Object.keys(said).sort(), Object.keys(differing).sort(), JSON.stringify(said, undefined, 2));
  for (const [name, expected] of Object.entries(differing)) t.regex(said[name] ?? '', expected, name);
});
