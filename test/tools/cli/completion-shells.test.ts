// SPDX-License-Identifier: Apache-2.0
/** Completion in the shells themselves: each sources its script, and completes a line. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { FRACTUS } from '../../support/device-process.ts';
import { testWith } from '../../support/needs.ts';

/** A folder with `fractus` as a command. */
const folder = mkdtempSync(path.join(tmpdir(), 'fractus-shells-'));
const command = [process.execPath, ...FRACTUS].map((each) => `'${each}'`).join(' ');
writeFileSync(path.join(folder, 'fractus'), `#!/bin/sh\nexec ${command} "$@"\n`);
chmodSync(path.join(folder, 'fractus'), 0o755);
/** A shell also offers the files of the folder that it is in. */
const cwd = path.join(folder, 'empty');
mkdirSync(cwd);
const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, TERM: 'dumb' };

function shellOf(name: string) {
  const isThere = spawnSync(name, ['-c', ':']).status === 0;
  return testWith(isThere ? undefined : `there is no ${name}`, test.serial);
}

/** The output of a script; it has a minute. */
function outputOf(shell: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, { encoding: 'utf8', env, cwd, timeout: 60_000 });
  if (status !== 0) throw new Error(`${shell} ends with ${status}: ${stderr}${stdout}`);
  return stdout;
}

shellOf('fish')('fish completes commands, options with their values, and members', (t) => {
  const offered = (line: string) => {
    const script = `fractus completion fish | source; complete -C '${line}'`;
    // Behind a tab there may be a description.
    return outputOf('fish', ['--no-config', '-c', script])
      .trim()
      .split('\n')
      .map((each) => each.split('\t')[0]);
  };
  t.deepEqual(offered('fractus si'), ['sign', 'simulate']);
  t.deepEqual(offered('fractus start --run'), ['--runtime']);
  t.deepEqual(offered('fractus start --runtime x'), ['xs']);
  t.deepEqual(offered('fractus operate board-1 command te'), ['text=']);
  t.deepEqual(offered('fractus operate board-1 relay relayState=C'), ['relayState=CLOSED']);
});

shellOf('zsh')('zsh completes commands, options with their values, and members', (t) => {
  // A widget shows the line after Tab; typed keys wait until the completion has ended.
  const script = `zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'PS1=; unsetopt prompt_cr; autoload -Uz compinit; compinit -u -D; source <(fractus completion zsh); tell() { print -r -- "[line:$BUFFER]"; }; zle -N tell; bindkey "^X" tell; print -r "rea""dy"'
zpty -r shell said '*ready*'
for line in "$@"; do
  zpty -w -n shell "$line"$'\\t\\x18'
  zpty -r shell said '*\\[line:*\\]*'
  print -r -- "\${said//$'\\r'/}"
  zpty -w -n shell $'\\x15'
done
zpty -d shell`;
  const lines = {
    'fractus simu': 'fractus simulate',
    'fractus start --run': 'fractus start --runtime',
    'fractus start --runtime x': 'fractus start --runtime xs',
    'fractus operate board-1 command te': 'fractus operate board-1 command text=',
    'fractus operate board-1 relay relayState=C': 'fractus operate board-1 relay relayState=CLOSED',
    'fractus si': 'fractus si',
  };
  const said = outputOf('zsh', ['-f', '-c', script, 'zsh', ...Object.keys(lines)]);
  const completed = [...said.matchAll(/\[line:([^\]]*)\]/g)].map(([, line]) => line);
  t.deepEqual(completed, Object.values(lines));
  t.regex(said, /sign\s+simulate/, 'what is not clear is listed');
});
