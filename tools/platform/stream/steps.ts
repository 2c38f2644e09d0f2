// SPDX-License-Identifier: Apache-2.0
/** The step of the integration guide that a request implements, and its purpose. */

export interface Step {
  readonly step: string;
  readonly label: string;
}

interface Row extends Step {
  readonly method: string;
  readonly path: RegExp;
}

const rows: readonly Row[] = [
  row('POST', /^\/devicecontrol\/deviceCredentials$/, 'step 0', 'credentials'),
  row('POST', /^\/devicecontrol\/deviceAccessToken$/, 'step 0', 'token'),
  row('GET', /^\/identity\/externalIds\//, 'step 1', 'look up identity'),
  row('POST', /^\/inventory\/managedObjects$/, 'step 2', 'create device'),
  row('POST', /^\/identity\/globalIds\//, 'step 3', 'register identity'),
  row('PUT', /^\/inventory\/managedObjects\/[^/]+$/, 'step 4', 'update inventory'),
  row('GET', /^\/inventory\/managedObjects\/[^/]+$/, 'step 4', 'read inventory'),
  row('POST', /^\/inventory\/managedObjects\/[^/]+\/child/, 'step 5', 'add child'),
  row('GET', /^\/inventory\/managedObjects\/[^/]+\/child/, 'step 5', 'list children'),
  row('GET', /^\/inventory\/managedObjects/, 'step 5', 'list objects'),
  row('GET', /^\/devicecontrol\/operations/, 'step 6', 'pending operations'),
  row('PUT', /^\/devicecontrol\/operations\//, 'step 7', 'operation'),
  row('POST', /^\/measurement\/measurements$/, 'step 9', 'measurements'),
  row('POST', /^\/event\/events$/, 'step 10', 'event'),
  row('POST', /^\/event\/events\/[^/]+\/binaries$/, 'step 10', 'attachment'),
  row('POST', /^\/alarm\/alarms$/, 'step 11', 'alarm'),
  row('PUT', /^\/alarm\/alarms/, 'step 11', 'alarm'),
  row('GET', /^\/alarm\/alarms/, 'step 11', 'list alarms'),
  row('POST', /^\/devicecontrol\/operations$/, 'operator', 'new operation'),
  row('GET', /^\/inventory\/binaries\//, 'step 7', 'download'),
];

const channels: readonly (readonly [channel: string, label: string])[] = [
  ['/meta/handshake', 'handshake'],
  ['/meta/subscribe', 'subscribe'],
  ['/meta/connect', 'long poll'],
  ['/meta/unsubscribe', 'unsubscribe'],
  ['/meta/disconnect', 'disconnect'],
];

/** @param body selects the Bayeux requests, which all have the same path */
export function stepOf(method: string, path: string, body: string): Step {
  if (path === '/notification/operations') {
    const label = channels.find(([channel]) => body.includes(`"${channel}"`))?.[1] ?? 'Bayeux';
    return { step: 'step 6', label };
  }
  const found = rows.find((each) => each.method === method && each.path.test(path));
  return found === undefined ? { step: '', label: `${method} ${path}` } : { step: found.step, label: found.label };
}

function row(method: string, path: RegExp, step: string, label: string): Row {
  return { method, path, step, label };
}
