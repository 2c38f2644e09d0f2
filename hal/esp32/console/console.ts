// SPDX-License-Identifier: Apache-2.0

import { ConnectionCheck } from '../../../src/agent/check/connection-check.ts';
import { findingLine } from '../../../src/agent/check/finding.ts';
import { CREDENTIAL_NAMES, STORED as CREDENTIALS } from '../../../src/agent/uplink/credentials.ts';
import { CONFIG_KEYS, type ConfigKey, type Parts } from '../../../src/config.ts';
import { CANDIDATE, CURRENT } from '../../../src/enrolment/slots.ts';
import type { Hal } from '../../hal.ts';
import {
  agentConfig,
  BOARD_KEYS,
  type BoardConfig,
  boardConfig,
  checkSetting,
  describeKeys,
  isSecret,
  readSettings,
  writeSettings,
} from '../config.ts';
import type { KeyValues } from '../platform.ts';
import { LineEditor } from './line-editor.ts';

export interface ConsoleOptions {
  readonly hal: Hal;
  /** The configuration of the firmware, without the settings of this board. */
  readonly manifest: BoardConfig;
  /** The space that holds the settings of this board. */
  readonly values: KeyValues;
  /** Keys of the app. */
  readonly own?: readonly ConfigKey[] | undefined;
  /** The parts of the firmware. */
  readonly parts?: Parts;
  /** Writes to the terminal, unchanged. */
  write(text: string): void;
}

interface ConsoleCommand {
  readonly name: string;
  readonly usage: string;
  readonly meaning: string;
  run(console: Console, rest: string): void;
}

/** Credentials for the platform, and the enrolled certificates with their keys. */
const FORGOTTEN = [...CREDENTIAL_NAMES, CURRENT, CANDIDATE];

/** The commands of the console. */
const COMMANDS: readonly ConsoleCommand[] = [
  {
    name: 'help',
    usage: 'help [keys]',
    meaning: 'lists commands, or keys',
    run: (console, rest) => console.help(rest),
  },
  { name: 'show', usage: 'show', meaning: 'lists all settings', run: (console) => console.show() },
  {
    name: 'set',
    usage: 'set key value',
    meaning: 'sets a key on this board, as key=value does; "value" keeps blanks at its ends',
    run: (console, rest) => console.set(rest),
  },
  {
    name: 'unset',
    usage: 'unset key',
    meaning: 'back to the value of the firmware',
    run: (console, rest) => console.unset(rest),
  },
  { name: 'status', usage: 'status', meaning: 'state of the board', run: (console) => console.status() },
  {
    name: 'connect',
    usage: 'connect --test',
    meaning: 'tests each layer of the way to the platform',
    run: (console, rest) => console.connect(rest),
  },
  { name: 'restart', usage: 'restart', meaning: 'uses new settings', run: (console) => console.restart() },
  {
    name: 'reset',
    usage: 'reset settings|credentials|all yes',
    meaning: 'deletes the settings, the credentials, or everything',
    run: (console, rest) => console.reset(rest),
  },
];

/**
 * The console of a board: sets Wi-Fi, URL and bootstrap credentials without a new firmware. It is created at the first
 * typed byte. It prints no secrets, and a typed secret is not echoed.
 */
export class Console {
  readonly #options: ConsoleOptions;
  readonly #editor: LineEditor;
  #checking = false;
  /** The Wi-Fi settings have changed; the link still uses those of the start. */
  #wifiChanged = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#editor = new LineEditor({
      write: (text) => options.write(text),
      onLine: (line) => this.#run(line),
      hides: (begun) => {
        const name = /^\s*(?:set\s+)?([A-Za-z]\w*)\s*[=\s]$/i.exec(begun)?.[1];
        // A misspelt key may hold a secret, too.
        return name !== undefined && (isSecret(name, options.own) || /pas|token|secret/i.test(name));
      },
    });
  }

  /** Takes bytes from the terminal. */
  take(bytes: Uint8Array): void {
    this.#editor.take(bytes);
  }

  #run(line: string): void {
    const text = line.trim();
    try {
      if (text !== '') this.#command(text);
    } catch (error) {
      // The errors that are thrown here are written for a person.
      this.#say(error instanceof Error ? error.message : 'unknown error');
    }
    this.#options.write('> ');
  }

  #command(text: string): void {
    const [, name = '', rest = ''] = /^(\w*)\s*(.*)$/s.exec(text) ?? [];
    const command = COMMANDS.find((each) => each.name === name.toLowerCase());
    if (rest.startsWith('=')) this.set(text);
    else if (command === undefined) this.#say('there is no such command; "help" lists them');
    else command.run(this, rest.trim());
  }

  // The actions of the commands.

  help(rest: string): void {
    if (rest === 'keys') for (const line of describeKeys(this.#options.own)) this.#say(line);
    else for (const { usage, meaning } of COMMANDS) this.#say(`${usage.padEnd(36)} ${meaning}`);
  }

  show(): void {
    const { manifest, values, own = [] } = this.#options;
    const settings = readSettings(values);
    const config = boardConfig(manifest, values, own);
    for (const { name } of [...BOARD_KEYS, ...CONFIG_KEYS, ...own]) {
      const here = settings[name] !== undefined;
      const value = config[name];
      if (typeof value !== 'string' || value === '') continue;
      const shown = isSecret(name, own) ? '(set, not shown)' : unquote(value) === value ? value : `"${value}"`;
      this.#say(`${name}=${shown} (${here ? 'this board' : 'firmware'})`);
    }
  }

  set(rest: string): void {
    const [, name, value] = /^(\w+)(?:\s*=\s*|\s+)(.+)$/s.exec(rest) ?? [];
    if (name === undefined || value === undefined) throw new Error('usage: set key value');
    this.#change(name, unquote(value));
  }

  unset(name: string): void {
    if (readSettings(this.#options.values)[name] === undefined) throw new Error('not set on this board');
    this.#change(name, undefined);
  }

  #change(name: string, value: string | undefined): void {
    const { values, own, parts } = this.#options;
    if (value !== undefined) checkSetting(name, value, own, parts);
    const { [name]: _, ...others } = readSettings(values);
    try {
      writeSettings(values, value === undefined ? others : { ...others, [name]: value });
    } catch {
      throw new Error('the flash refuses it: nothing has changed');
    }
    this.#wifiChanged ||= name.startsWith('wifi');
    this.#say('kept; "restart" uses it');
  }

  status(): void {
    const { board, clock, network, store } = this.#options.hal;
    const { model, revision, mac, firmware, bootCount, resetCause } = board;
    const now = clock.now();
    const address = network.up ? `up, ${network.address ?? 'no address'}` : 'down';
    const signal = network.signalDbm === undefined ? '' : `, ${network.signalDbm} dBm`;
    const free = [board.freeBytes(), board.largestFreeBlockBytes()].map((bytes) => bytes ?? 'unknown');
    this.#say(`board        ${model} ${revision}, ${mac}`);
    this.#say(`firmware     ${firmware.name} ${firmware.version}`);
    this.#say(`start        number ${bootCount} after ${resetCause}, ${Math.floor(clock.ticks() / 1000)} s ago`);
    this.#say(`time         ${now === undefined ? 'not known' : new Date(now).toISOString()}`);
    this.#say(`network      ${address}${signal}`);
    this.#say(`credentials  ${store.keys().includes(CREDENTIALS) ? 'kept' : 'none yet'}`);
    this.#say(`memory       ${free[0]} bytes free, ${free[1]} in one piece`);
    this.#say(`store        about ${store.freeBytes()} bytes free`);
  }

  connect(rest: string): void {
    if (rest !== '--test') throw new Error('usage: connect --test');
    if (this.#checking) throw new Error('already running');
    if (this.#wifiChanged) throw new Error('the Wi-Fi settings have changed: type "restart" before the test');
    this.#checking = true;
    const { hal, manifest, values, own, parts } = this.#options;
    new ConnectionCheck({
      ...{ hal, own, parts },
      config: agentConfig(boardConfig(manifest, values, own), (line) => this.#say(line), own),
      onFinding: (finding) => this.#say(findingLine(finding)),
      onDone: (failed) => {
        this.#checking = false;
        this.#say(failed === undefined ? 'all layers work' : `${failed} does not work`);
      },
    }).start();
  }

  restart(): void {
    this.#options.hal.restart('asked for at the console');
  }

  reset(rest: string): void {
    const { hal, values } = this.#options;
    const [level, sure] = rest.split(/\s+/);
    if (sure !== 'yes' || (level !== 'settings' && level !== 'credentials' && level !== 'all')) {
      throw new Error('usage: reset settings|credentials|all yes');
    }
    if (level !== 'credentials') writeSettings(values, {});
    if (level !== 'settings') for (const name of FORGOTTEN) hal.store.delete(name);
    if (level === 'all') {
      for (const name of hal.store.keys()) hal.store.delete(name);
      // Values of the HAL: the last known time, the boot count, the trouble of a mod.
      for (const name of values.names()) values.delete(name);
      if (hal.modules?.installed && !hal.modules.remove()) this.#say('the mod stays: the flash refuses');
      const { flash } = hal;
      for (let sector = 0; sector < (flash?.sectors ?? 0); sector++) flash?.erase(sector);
    }
    // At once: a running agent would store its state again.
    hal.restart(`reset of ${level} at the console`);
  }

  #say(line: string): void {
    this.#options.write(`${line}\r\n`);
  }
}

/** Removes quotes, and keeps all between them. Without quotes, removes blanks at both ends. */
function unquote(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text.trim();
}
