// SPDX-License-Identifier: Apache-2.0
/** Each step of the integration guide, with its place in the sources, in the tests, and on the wire. */

import type { Exchange } from '../simulate/wire/bridge.ts';
import { type GuideLife, liveGuide } from './guide-life.ts';

/** One example of the guide. */
export interface GuideStep {
  /** Number in the guide. */
  readonly step: string;
  readonly what: string;
  readonly method: string;
  /** Path without the query; `$device` and the like stand for ids. */
  readonly path: string;
  /** A text in the target or body, when the path alone is ambiguous. */
  readonly has?: string;
  /** Status of the answer; default: that of the first match. */
  readonly status?: number;
  readonly source: string;
  readonly test: string;
  /** The difference of this device from the guide's example, and the reason. */
  readonly otherwise?: string;
}

const REGISTRAR = 'src/agent/devices/registration/registrar-table.ts';
const REGISTRATION = 'test/agent/devices/registration.test.ts';
const LISTENER = 'src/agent/operations/listener-table.ts';
const LISTENING = 'test/agent/operations/listening.test.ts';
const EXECUTOR = 'src/agent/operations/executor-table.ts';
const NO_ACCEPT = 'No `Accept`: `Location` says which object it is, and the answer needs no memory.';

/** The steps, in the order of the guide. */
export const GUIDE_STEPS: readonly GuideStep[] = [
  {
    step: '0',
    what: 'Request device credentials',
    method: 'POST',
    path: '/devicecontrol/deviceCredentials',
    status: 200,
    source: 'src/agent/uplink/credentials-table.ts',
    test: 'test/agent/uplink/credentials.test.ts',
  },
  {
    step: '1',
    what: 'Check if the device is already registered: it is not',
    method: 'GET',
    path: '/identity/externalIds/c8y_Serial/raspi-0000000017b769d5',
    status: 404,
    source: REGISTRAR,
    test: REGISTRATION,
  },
  {
    step: '1',
    what: 'Check if the device is already registered: it is',
    method: 'GET',
    path: '/identity/externalIds/c8y_Serial/raspi-0000000017b769d5',
    status: 200,
    source: REGISTRAR,
    test: REGISTRATION,
  },
  {
    step: '2',
    what: 'Create the device in the inventory',
    method: 'POST',
    path: '/inventory/managedObjects',
    source: 'src/agent/devices/device-document.ts',
    test: 'test/agent/devices/inventory.test.ts',
    otherwise: `${NO_ACCEPT} What an operator can ask for is more than in the guide, and \`fractus_ExternalId\` finds an object again whose creation was not answered.`,
  },
  {
    step: '3',
    what: 'Register the device',
    method: 'POST',
    path: '/identity/globalIds/$device/externalIds',
    source: REGISTRAR,
    test: REGISTRATION,
    otherwise: 'No `Accept`: what the answer would say is known.',
  },
  {
    step: '4',
    what: 'Update the device in the inventory',
    method: 'PUT',
    path: '/inventory/managedObjects/$device',
    has: 'pi-driver-3.4.6.jar',
    source: REGISTRAR,
    test: REGISTRATION,
    otherwise: 'What differs from what the object has taken last, whatever it is. Never the name.',
  },
  {
    step: '5',
    what: 'Link a child device',
    method: 'POST',
    path: '/inventory/managedObjects/$device/childDevices',
    source: REGISTRAR,
    test: 'test/agent/devices/children.test.ts',
  },
  {
    step: '5',
    what: 'Remove the reference to a child device',
    method: 'DELETE',
    path: '/inventory/managedObjects/$device/childDevices/$child',
    source: REGISTRAR,
    test: 'test/agent/devices/children.test.ts',
  },
  {
    step: '6',
    what: 'Find what is still EXECUTING',
    method: 'GET',
    path: '/devicecontrol/operations',
    has: 'status=EXECUTING',
    source: 'src/agent/operations/backlog-table.ts',
    test: 'test/agent/operations/operations-restart.test.ts',
    otherwise: 'In pages: a board has no room for 2,000 operations.',
  },
  {
    step: '6',
    what: 'Complete the operation that has restarted the device',
    method: 'PUT',
    path: '/devicecontrol/operations/$restart',
    has: 'SUCCESSFUL',
    source: 'src/capabilities/restart.ts',
    test: 'test/agent/operations/operations-restart.test.ts',
  },
  {
    step: '6',
    what: 'Handshake',
    method: 'POST',
    path: '/notification/operations',
    has: '/meta/handshake',
    source: LISTENER,
    test: LISTENING,
    otherwise: 'Says which connection it wants, and how long a poll may take.',
  },
  {
    step: '6',
    what: 'Subscribe',
    method: 'POST',
    path: '/notification/operations',
    has: '/meta/subscribe',
    source: LISTENER,
    test: LISTENING,
  },
  {
    step: '6',
    what: 'Connect',
    method: 'POST',
    path: '/notification/operations',
    has: '/meta/connect',
    source: LISTENER,
    test: LISTENING,
  },
  {
    step: '6',
    what: 'Find what is PENDING',
    method: 'GET',
    path: '/devicecontrol/operations',
    has: 'status=PENDING',
    source: 'src/agent/operations/backlog-table.ts',
    test: LISTENING,
    otherwise: 'In pages.',
  },
  {
    step: '7',
    what: 'Begin an operation',
    method: 'PUT',
    path: '/devicecontrol/operations/$configuration',
    has: 'EXECUTING',
    source: EXECUTOR,
    test: 'test/agent/operations/operations.test.ts',
  },
  {
    step: '7',
    what: 'Update the inventory with what it has changed',
    method: 'PUT',
    path: '/inventory/managedObjects/$device',
    has: 'c8y_Configuration',
    source: 'src/capabilities/configuration/configuration.ts',
    test: 'test/agent/operations/operations-configuration.test.ts',
  },
  {
    step: '7',
    what: 'End an operation',
    method: 'PUT',
    path: '/devicecontrol/operations/$configuration',
    has: 'SUCCESSFUL',
    source: EXECUTOR,
    test: 'test/agent/operations/operations.test.ts',
  },
  {
    step: '8',
    what: 'Keep the location in the inventory',
    method: 'POST',
    path: '/inventory/managedObjects',
    has: 'c8y_Position',
    source: 'hal/esp32/gps/track.ts',
    test: 'test/hal/esp32/gps/gps.test.ts',
    otherwise: 'It was known before the device was created, so it is part of its creation; later it is an update.',
  },
  {
    step: '9',
    what: 'Send a measurement',
    method: 'POST',
    path: '/measurement/measurements',
    source: 'src/agent/records/telemetry.ts',
    test: 'test/agent/records/telemetry.test.ts',
  },
  {
    step: '10',
    what: 'Send an event',
    method: 'POST',
    path: '/event/events',
    source: 'src/agent/records/telemetry.ts',
    test: 'test/agent/records/telemetry-events.test.ts',
    otherwise: 'Its type is `c8y_LocationUpdate`, which the platform itself shows on a map.',
  },
  {
    step: '11',
    what: 'Find the active alarms',
    method: 'GET',
    path: '/alarm/alarms',
    source: 'src/agent/records/alarms/alarms-table.ts',
    test: 'test/agent/records/alarms.test.ts',
    otherwise:
      'Only those of the type that it is about, acknowledged ones too: `resolved=false` instead of `status=ACTIVE`.',
  },
  {
    step: '11',
    what: 'Raise an alarm',
    method: 'POST',
    path: '/alarm/alarms',
    source: 'src/agent/records/alarms/alarms-table.ts',
    test: 'test/agent/records/alarms.test.ts',
    otherwise: NO_ACCEPT,
  },
  {
    step: '11',
    what: 'Clear an alarm',
    method: 'PUT',
    path: '/alarm/alarms/$alarm',
    source: 'src/agent/records/alarms/alarms-table.ts',
    test: 'test/agent/records/alarms.test.ts',
  },
];

/** The exchange of a step. @throws Error when the device has not made it */
export function exchangeOf({ exchanges, ids }: GuideLife, step: GuideStep): Exchange {
  const path = Object.entries(ids).reduce((text, [name, id]) => text.replace(name, id), step.path);
  const found = exchanges.find(
    (each) =>
      each.method === step.method &&
      each.path.split('?')[0] === path &&
      (step.status ?? each.status) === each.status &&
      (step.has === undefined || `${each.path}\n${each.body}`.includes(step.has)),
  );
  if (found === undefined) throw new Error(`guide step ${step.step}: the device has not sent ${step.method} ${path}`);
  return found;
}

/** The generated part of the page: each step with its exchange. */
export function guideSteps(): string {
  const life = liveGuide();
  return GUIDE_STEPS.map((step) => {
    const { method, path, headers, body, status } = exchangeOf(life, step);
    const lines = [`${method} ${named(path, life)}`];
    for (const [name, shown] of [
      ['content-type', 'Content-Type'],
      ['accept', 'Accept'],
    ] as const) {
      if (headers[name] !== undefined) lines.push(`${shown}: ${headers[name]}`);
    }
    if (body !== '') lines.push('', spread(named(body, life)));
    lines.push('', `→ ${status}`);
    const otherwise = step.otherwise === undefined ? '' : `\nOtherwise than in the guide: ${step.otherwise}\n`;
    return `## Step ${step.step}: ${step.what}

[${step.source}](../${step.source}), [${step.test}](../${step.test})
${otherwise}
\`\`\`
${lines.join('\n')}
\`\`\``;
  }).join('\n\n');
}

/** Replaces the platform's ids by their names. */
function named(text: string, { ids }: GuideLife): string {
  return Object.entries(ids).reduce(
    (before, [name, id]) => before.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), () => name),
    text,
  );
}

/** A JSON document with one member per line. */
function spread(body: string): string {
  const value = JSON.parse(body) as Record<string, unknown>;
  if (Array.isArray(value)) return body;
  const members = Object.entries(value).map(([name, member]) => `  "${name}": ${JSON.stringify(member)}`);
  return `{\n${members.join(',\n')}\n}`;
}
