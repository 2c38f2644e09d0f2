// SPDX-License-Identifier: Apache-2.0
/** `fractus/settings`: keys of an app. Part of the apps that import it, and of no other image. */

import { coreOf } from '../core.ts';
import type { App, AppBoard } from '../index.ts';

interface Common {
  /** One line for a person. */
  readonly meaning: string;
  /** Whether `c8y_Configuration` shows it and may change it. */
  readonly remote?: boolean;
}

/** A whole number within limits. */
export interface IntegerSetting extends Common {
  readonly kind: 'integer';
  readonly least: number;
  readonly most: number;
  readonly value: number;
  readonly unit?: string;
}

/** One of several texts. */
export interface ChoiceSetting<Choice extends string = string> extends Common {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
  readonly value: NoInfer<Choice>;
}

/**
 * A text of 1 to 1,024 characters without control characters. A secret is never shown, logged or quoted, and so never
 * remote.
 */
export interface TextSetting extends Common {
  readonly kind: 'text';
  readonly value: string;
  readonly secret?: boolean;
}

/** A setting of any kind. */
export type Setting = IntegerSetting | ChoiceSetting | TextSetting;

/** Settings by key. Keys of an author have an underscore, such as `acme_doorDelay`; keys of fractus never have one. */
export type Settings = Readonly<Record<string, Setting>>;

/** The type of a setting's value in the app. */
export type ValueOf<S extends Setting> = S extends IntegerSetting
  ? number
  : S extends { readonly kind: 'choice'; readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string;

/** Keys of the agent that may change while it runs; seconds. */
export type AgentSettings = Readonly<
  Record<'measurementInterval' | 'sendInterval' | 'pollTimeout' | 'operationTimeout', number>
>;

/** The settings of one start. */
export interface LiveSettings<S extends Settings> {
  /** The values in force by key, with the keys of the agent that may change. */
  readonly values: { readonly [Key in keyof S]: ValueOf<S[Key]> } & AgentSettings;
  /** Called when other values come into force, whoever has changed them. */
  onChange(listener: () => void): void;
  /**
   * Changes remote settings, or keys of the agent, like the operation `c8y_Configuration`: all of them or none, kept
   * over restarts, and shown on the platform.
   * @throws ConfigError with the key, the value and what is allowed; RangeError for control characters
   */
  change(values: Partial<{ readonly [Key in keyof S]: ValueOf<S[Key]> } & AgentSettings>): void;
}

/** The form for the agent: values are texts, as in a manifest. */
export type AppKeys = NonNullable<App['settings']>;

const NAME = /^[a-z][A-Za-z0-9]*_[A-Za-z0-9_]{1,30}$/;
/** The name under which the agent keeps the configured text. */
const STORED = 'runtime';

/**
 * An app with settings: keys that the command line, the manifest, the console and, if they are `remote`,
 * `c8y_Configuration` accept next to those of the agent. Called at module level.
 * @throws RangeError for a definition that is not valid
 */
export function withSettings<const S extends Settings>(
  settings: S,
  run: (board: AppBoard, settings: LiveSettings<S>) => void,
): App {
  const keys = Object.keys(settings).map((name) => keyOf(name, settings[name] as Setting));
  const app = (board: AppBoard) => run(board, live<S>(board));
  return Object.assign(app, { settings: keys });
}

function live<S extends Settings>(board: AppBoard): LiveSettings<S> {
  const core = coreOf(board);
  return {
    get values() {
      return core.runtime as LiveSettings<S>['values'];
    },
    onChange(listener) {
      const others = core.onConfigured;
      core.onConfigured = () => {
        others?.();
        listener();
      };
    },
    change(values) {
      const known = Object.keys(core.runtime);
      core.configure(changed(core.recall(STORED) ?? '', known, values as Readonly<Record<string, number | string>>));
      core.board.owes = true;
      core.register();
    },
  };
}

/**
 * The text in force with the changed values: its order and comments stay, keys that only an earlier firmware knew are
 * dropped.
 */
function changed(text: string, keys: readonly string[], values: Readonly<Record<string, number | string>>): string {
  const names = Object.keys(values);
  const line = (name: string) => {
    const value = String(values[name]);
    // A line end would begin another key.
    for (let i = 0; i < value.length; i++)
      if (value.charCodeAt(i) < 0x20) throw new RangeError(`setting ${name}: control characters are not allowed`);
    return `${name}=${value}`;
  };
  const nameOf = (each: string) => each.slice(0, Math.max(0, each.indexOf('=')));
  const kept = text.split('\n').filter((each) => each.startsWith('#') || keys.includes(nameOf(each)));
  const known = kept.map(nameOf);
  return [
    ...kept.map((each) => (names.includes(nameOf(each)) ? line(nameOf(each)) : each)),
    ...names.filter((name) => !known.includes(name)).map(line),
  ].join('\n');
}

function keyOf(name: string, setting: Setting): AppKeys[number] {
  const { kind, meaning, remote = false } = setting;
  const refuse = (why: string) => new RangeError(`setting ${name.slice(0, 60)}: ${why}`);
  if (!NAME.test(name))
    throw refuse('the name is not allowed; allowed: letters and digits with an underscore, acme_delay');
  const common = { name, value: String(setting.value), meaning, ...(remote && { runtime: true as const }) };
  switch (kind) {
    case 'integer': {
      const { least, most, value, unit } = setting;
      if (!(Number.isInteger(value) && least >= 0 && value >= least && value <= most && most < 1e9))
        throw refuse(
          `the value ${value} is not allowed; allowed: a whole number from least (${least}) to most (${most}), below 10^9`,
        );
      return { ...common, kind, least, most, ...(unit !== undefined && { unit }) };
    }
    case 'choice':
      if (setting.choices?.includes(setting.value) !== true)
        throw refuse(`the value ${setting.value} is not one of its choices`);
      return { ...common, kind, choices: setting.choices };
    case 'text':
      if (setting.secret === true && remote) throw refuse('a secret is not shown, so it cannot be remote');
      return { ...common, kind, ...(setting.secret === true && { secret: true as const }) };
    default:
      throw refuse(`the kind ${kind} is not allowed; allowed: integer, choice, text`);
  }
}
