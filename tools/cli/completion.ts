// SPDX-License-Identifier: Apache-2.0
/** `fractus completion`: what a shell offers when somebody presses Tab: commands, devices, their operations and members of them. */

import { formOf } from '../platform/stream/forms.ts';
import { readLogin } from './operate/login.ts';
import { Tenant } from './operate/tenant.ts';
import { isUploaded } from './operate/words.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  // At "=" and ":" bash splits words, and wants only what follows.
  bash: `_fractus() {
  local line="\${COMP_LINE:0:COMP_POINT}"; local -a words; read -ra words <<< "$line"
  [[ "$line" == *" " ]] && words+=("")
  local last="\${words[-1]}"; local cut="\${last%"\${last##*[=:]}"}"
  mapfile -t COMPREPLY < <(fractus completion -- "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
  [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
}
complete -o default -F _fractus fractus`,
  zsh: `#compdef fractus
_fractus() {
  local -a found; found=("\${(@f)$(fractus completion -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -Q -S '' -- $found
}
compdef _fractus fractus`,
  fish: `complete -c fractus -a '(fractus completion -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};

const USAGE = `usage: fractus completion bash|zsh|fish

Prints a script for that shell. In its start-up file: source <(fractus completion bash)
With C8Y_BASEURL, C8Y_TENANT, C8Y_USER and C8Y_PASSWORD, "fractus operate" offers devices and what they support.`;

/** Who presses Tab does not wait longer. */
const PATIENCE_MS = 3000;
const MOST_DEVICES = 20;

/** Resolves with the exit code. @param commands names of all that there are */
export async function completionCommand(
  [shell = '', ...words]: string[],
  commands: readonly string[],
): Promise<number> {
  if (shell === '--') {
    for (const each of await candidates(words, commands)) console.log(each);
    return 0;
  }
  const isHelp = shell === '--help' || shell === '-h';
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) console[isHelp ? 'log' : 'error'](USAGE);
  else console.log(script);
  return script !== undefined || isHelp ? 0 : 2;
}

/** What the last of these words may become; none when nobody knows. */
async function candidates(words: readonly string[], commands: readonly string[]): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const [command, device, operation] = words;
  if (words.length < 2) return commands.filter((each) => each.startsWith(last));
  if (command !== 'operate') return [];
  const found =
    words.length === 2 ? devices() : words.length === 3 ? operations(device ?? '', last) : members(operation ?? '');
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, PATIENCE_MS, []).unref());
  const all = await Promise.race([found, late]).catch(() => []);
  return all.filter((each) => each.toLowerCase().startsWith(last.toLowerCase()));
}

function tenantOf(): Tenant {
  const { url, login } = readLogin(undefined);
  return new Tenant(url, login);
}

/** External ids, as `operate` takes them. */
async function devices(): Promise<readonly string[]> {
  return tenantOf().externalIds(MOST_DEVICES);
}

/** As people write them, or in full when they have begun so. */
async function operations(device: string, begun: string): Promise<readonly string[]> {
  const { operations: supported } = await tenantOf().device(device);
  return /^c8/i.test(begun) ? supported : supported.map((each) => each.replace(/^c8y_/, '').toLowerCase());
}

async function members(operation: string): Promise<readonly string[]> {
  const fields = formOf(operation)?.fields ?? [];
  const upload = isUploaded(formOf(operation)?.operation ?? '') ? ['file='] : [];
  return [...upload, ...fields.filter(({ name }) => name !== '').map(({ name }) => `${name}=`)];
}
