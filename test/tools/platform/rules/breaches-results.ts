// SPDX-License-Identifier: Apache-2.0
/** Ends of operations whose result is nowhere, and such that come close and keep the rules. */

import type { JsonObject } from '../../../../tools/platform/model.ts';
import { type BreachCase, event, objects, operationIn, type Scene } from '../scene.ts';

/** What a device does between EXECUTING and its last update. */
interface Deed {
  readonly told?: JsonObject;
  /** The type of an event, and whether a file is attached to it. */
  readonly event?: readonly [type: string, hasFile: boolean];
  /** Fragments of the last update. */
  readonly end?: JsonObject;
  /** The device has lost its memory before the last update. */
  readonly forgets?: boolean;
}

/** A device carries an operation out, as told, and reports SUCCESSFUL. */
export function carryOut({ desk, user, id }: Scene, asked: JsonObject, deed: Deed): void {
  const url = operationIn({ desk, user, id }, 'EXECUTING', asked);
  if (deed.told !== undefined) desk.send('PUT', `${objects}/${id}`, { as: user, body: deed.told });
  if (deed.event !== undefined) {
    const [type, hasFile] = deed.event;
    const made = desk.send('POST', '/event/events', { as: user, body: event(id, { type }) });
    const headers = { 'content-type': 'text/plain' };
    if (hasFile)
      desk.send('POST', `/event/events/${made.id}/binaries`, { as: user, headers, bytes: Buffer.from('a=1') });
  }
  if (deed.forgets === true) desk.platform.forgive(user);
  desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL', ...deed.end } });
  desk.time.advance(200_000);
}

const url = 'https://files.example/a';
const firmware = { c8y_Firmware: { name: 'weather', version: '2.0.0', url } };
const text = { c8y_Configuration: { config: '# winter\nhigh = 080\r\n\nlow=1\n' } };
const download = { c8y_DownloadConfigFile: { type: 'recipe', url: ` ${url}` } };
const untyped = { c8y_DownloadConfigFile: { url } };
const upload = { c8y_UploadConfigFile: { type: 'recipe' } };
const supported = { c8y_SupportedConfigurations: ['recipe', 'agent'] };
const relay = { c8y_Relay: { relayState: 'OPEN' } };
const relays = { c8y_RelayArray: ['OPEN', 'CLOSED'] };
const command = { c8y_Command: { text: 'help' } };
const start = { c8y_ServiceCommand: { command: 'START' } };
const limits = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Limits: {}, acme_Limits: { high: 5 } };
const profile = {
  profileName: 'winter',
  profileId: '7',
  c8y_DeviceProfile: { firmware: firmware.c8y_Firmware, configuration: [{ type: 'recipe', url, name: 'x' }] },
};
const executed = { c8y_Profile: { profileName: 'winter', profileId: '7', profileExecuted: true } };
const recipe = { c8y_Configuration_recipe: { type: 'recipe', name: 'x', url, time: '2026-01-15T12:00:00Z' } };
const answered = { c8y_Command: { text: 'help', result: '' } };

const broken: readonly (readonly [BreachCase[0], string, JsonObject, Deed])[] = [
  ['firmware-told', 'the old version', firmware, {}],
  ['firmware-told', 'another name', firmware, { told: { c8y_Firmware: { name: 'fractus', version: '2.0.0' } } }],
  ['firmware-told', 'the firmware of a profile', profile, { told: { ...executed, ...recipe } }],
  ['configuration-told', 'no text', text, {}],
  ['configuration-told', 'without a line', text, { told: { c8y_Configuration: { config: 'high=80\n' } } }],
  ['configuration-told', 'another value', text, { told: { c8y_Configuration: { config: 'high=8\nlow=1\n' } } }],
  ['configuration-file', 'nothing', download, {}],
  ['configuration-file', 'another url', download, { told: { c8y_Configuration_recipe: { type: 'recipe', url: 'x' } } }],
  ['configuration-file', 'another type', download, { told: { c8y_Configuration_agent: { type: 'agent', url } } }],
  ['configuration-file', 'nothing, without a type', untyped, {}],
  ['configuration-file', 'the file of a profile', profile, { told: { ...executed, ...firmware } }],
  ['configuration-file', 'an event without the file', upload, { event: ['recipe', false] }],
  ['configuration-file', 'an event of another type', upload, { told: supported, event: ['agent', true] }],
  [
    'configuration-file',
    'an event of no such type',
    { c8y_UploadConfigFile: {} },
    { told: supported, event: ['x', true] },
  ],
  ['relay-told', 'not a word', relay, {}],
  ['relay-told', 'the other state', relay, { told: { c8y_Relay: { relayState: 'CLOSED' } } }],
  ['relay-told', 'the other order', relays, { told: { c8y_RelayArray: ['CLOSED', 'OPEN'] } }],
  ['command-result', 'no result', command, {}],
  ['command-result', 'a result that is no text', command, { end: { c8y_Command: { text: 'help', result: 5 } } }],
  ['service-told', 'no status', start, {}],
  ['service-told', 'down after a START', start, { told: { status: 'down' } }],
  ['service-told', 'up after a STOP', { c8y_ServiceCommand: { command: 'STOP' } }, { told: { status: 'up' } }],
  ['parameter-update', 'no event with the new values', limits, { told: { acme_Limits: { high: 5 } } }],
];

export const resultBreaches: readonly BreachCase[] = broken.map(([rule, name, asked, deed]) => [
  rule,
  name,
  (scene) => carryOut(scene, asked, deed),
]);

/** Ends that keep the rules. */
export const keptResults: readonly (readonly [string, JsonObject, Deed])[] = [
  ['name and version, without a url', firmware, { told: { c8y_Firmware: { name: 'weather', version: '2.0.0' } } }],
  ['a firmware without a name', { c8y_Firmware: { version: '0.1.0' } }, {}],
  ['the text in another form', text, { told: { c8y_Configuration: { config: 'low=1\nhigh=80\nmore=2\n' } } }],
  ['a file', download, { told: recipe }],
  ['a file without a type', untyped, { told: recipe }],
  ['the older form', untyped, { told: { c8y_ConfigurationDump: { id: '7' } } }],
  ['a file that a power cut has left out', download, { forgets: true }],
  ['an event with the file', upload, { event: ['recipe', true] }],
  ['an event of the second type', { c8y_UploadConfigFile: {} }, { told: supported, event: ['agent', true] }],
  ['a relay', relay, { told: relay }],
  ['relays', relays, { told: relays }],
  ['an empty result', command, { end: answered }],
  ['a result that a power cut has lost', command, { forgets: true }],
  ['up after a START', start, { told: { status: 'up' } }],
  ['a word of its own after a START', start, { told: { status: 'warming up' } }],
  ['a profile', profile, { told: { ...executed, ...firmware, ...recipe } }],
];
