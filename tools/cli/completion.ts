// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus completion`: completes words in a shell: commands and their options, devices, their operations, members and
 * values of these.
 */

import { choicesOf, isDeclared } from '../operate/declared.ts';
import { readLogin } from '../operate/login.ts';
import { type DeviceRecord, Tenant } from '../operate/tenant.ts';
import { isUploaded } from '../operate/words.ts';
import { formOf } from '../platform/stream/forms.ts';
import { plain } from '../terminal/plain.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  // bash splits words at "=" and ":", and expects only the last piece.
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

Prints a completion script for this shell. Line for the start-up file of the shell: source <(fractus completion bash)
With C8Y_BASEURL, C8Y_TENANT, C8Y_USER and C8Y_PASSWORD, "fractus operate" completes devices and their operations.`;

/** Longest wait for the platform after Tab. */
const PATIENCE_MS = 3000;
const MOST_DEVICES = 20;
/** Devices choose their ids, and a shell would execute `$(…)` in one. */
const HARMLESS = /^[\p{L}\p{N}._:@%+,/=-]+$/u;
/** Commands whose first word is a device. */
const AT_TENANT = ['operate', 'remote', 'certify'];
/** Options of these commands that take a value. */
const VALUED = ['--url', '--timeout', '--listen'];
/** Commands that start a process of their own, which prints the usage. */
const SPAWNING = ['simulate', 'bench', 'torture'];

/** All commands, by name. */
type Commands = Readonly<Record<string, { load(): Promise<(args: string[]) => number | Promise<number>> }>>;

/** Resolves with the exit code. */
export async function completionCommand([shell = '', ...words]: string[], commands: Commands): Promise<number> {
  if (shell === '--') {
    for (const each of await candidates(words, commands)) if (HARMLESS.test(each)) console.log(each);
    return 0;
  }
  const isHelp = shell === '--help' || shell === '-h';
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script !== undefined || isHelp) {
    console.log(script ?? USAGE);
    return 0;
  }
  const given = shell === '' ? 'missing' : `"${plain(shell.slice(0, 40))}" is not allowed`;
  console.error(`fractus completion: the shell: ${given}; allowed: ${Object.keys(SCRIPTS).join(', ')}\n\n${USAGE}`);
  return 2;
}

/** Completions of the last word; empty when none are known. */
async function candidates(words: readonly string[], commands: Commands): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const [command = ''] = words;
  if (words.length < 2) return Object.keys(commands).filter((each) => each.startsWith(last));
  if (!Object.hasOwn(commands, command)) return [];
  const all = await offersOf(commands, command, words).catch(() => []);
  return all.filter((each) => each.toLowerCase().startsWith(last.toLowerCase()));
}

async function offersOf(commands: Commands, command: string, words: readonly string[]): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  const isAtTenant = AT_TENANT.includes(command);
  if (last.startsWith('-')) return Object.keys(await optionsOf(commands, command));
  if (before.startsWith('--')) {
    const values = (await optionsOf(commands, command))[before];
    if (values !== undefined) return values;
  }
  if (!isAtTenant) return [];
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, PATIENCE_MS, []).unref());
  return Promise.race([offersAt(command, words), late]);
}

/** Completions that depend on a tenant or on an operation. */
async function offersAt(command: string, words: readonly string[]): Promise<readonly string[]> {
  // The words that are neither options nor their values.
  const places = words.slice(1).filter((each, i, all) => !each.startsWith('--') && !VALUED.includes(all[i - 1] ?? ''));
  const tenant = () => tenantOf(words.includes('--url') ? words[words.indexOf('--url') + 1] : undefined);
  const [device = '', operation = ''] = places;
  if (places.length === 1) return tenant().externalIds(MOST_DEVICES);
  if (command !== 'operate') return [];
  if (places.length === 2) return operations(tenant(), device, words.at(-1) ?? '');
  return members(async () => tenant().device(device), operation, places.slice(2));
}

/** Options of a command, read from its usage, with their fixed values; undefined: none are listed. */
async function optionsOf(
  commands: Commands,
  command: string,
): Promise<Readonly<Record<string, readonly string[] | undefined>>> {
  const run = SPAWNING.includes(command) ? undefined : await commands[command]?.load();
  const { log } = console;
  let usage = '';
  console.log = (text: string) => {
    usage += text;
  };
  try {
    await run?.(['--help']);
  } finally {
    console.log = log;
  }
  // The prose of a usage mentions other commands and their options.
  const [head = ''] = usage.split('\n\n');
  const own = [head, ...usage.split('\n').filter((line) => /^ {2}--/.test(line))].join('\n');
  const found: Record<string, readonly string[] | undefined> = Object.create(null);
  for (const [, option = '', value] of own.matchAll(/(--[a-z][a-z-]*)(?:[ =]([A-Z][A-Z:|]*|[a-z]+(?:\|[a-z]+)+))?/g)) {
    found[option] ??= value === undefined ? undefined : value.split('|').filter((each) => /^[a-z]/.test(each));
  }
  return found;
}

/** @throws Error without a login */
function tenantOf(url: string | undefined): Tenant {
  const login = readLogin(url);
  return new Tenant(login.url, login.login);
}

/** Operations as people type them, or in full when the word begins so. */
async function operations(tenant: Tenant, device: string, begun: string): Promise<readonly string[]> {
  const { operations: supported } = await tenant.device(device);
  return /^c8/i.test(begun) ? supported : supported.map((each) => each.replace(/^c8y_/, '').toLowerCase());
}

/** Members that are not given yet, or the values of a member that has been begun. */
async function members(
  deviceOf: () => Promise<DeviceRecord>,
  operation: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const form = formOf(operation);
  const fields = form?.fields ?? [];
  const [only] = fields;
  if (only?.kind === 'list') return only.choices ?? [];
  const last = words.at(-1) ?? '';
  const field = fields.find(({ name }) => last.startsWith(`${name}=`));
  if (field !== undefined) {
    const choices = choicesOf(field, isDeclared(field) ? await deviceOf().catch(() => undefined) : undefined) ?? [];
    return choices.map((value) => `${field.name}=${value}`);
  }
  const upload = isUploaded(form?.operation ?? '') ? ['file='] : [];
  const all = [...upload, ...fields.map(({ name }) => `${name}=`)];
  return all.filter((each) => !words.slice(0, -1).some((word) => word.startsWith(each)));
}
