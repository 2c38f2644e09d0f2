// SPDX-License-Identifier: Apache-2.0
/**
 * A key of the configuration: flat keys with string values, defined here once. The manifest's `config`, the command
 * line, the table in the documentation and the operation `c8y_Configuration` all use this definition.
 */
export interface ConfigKey {
  readonly name: string;
  readonly kind: 'text' | 'url' | 'user' | 'integer' | 'choice' | 'id';
  /** The default; undefined: derived from other keys, or required (`parseConfig`). */
  readonly value?: string;
  readonly unit?: string;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  /** May change at run time by `c8y_Configuration`. */
  readonly runtime?: true;
  /** Never shown, logged or quoted in an error. */
  readonly secret?: true;
  /** The value names a file on the host, a resource on the board. */
  readonly file?: true;
  /** The part (`fractus/parts`) without which only the default is allowed. */
  readonly part?: string;
  readonly meaning: string;
}

export const CONFIG_KEYS: readonly ConfigKey[] = [
  { name: 'url', kind: 'url', meaning: 'The tenant, for example https://example.cumulocity.com. Required.' },
  {
    name: 'tokenUrl',
    kind: 'url',
    meaning: 'Where device tokens come from. Default: the host of url, https, port 8443.',
  },
  {
    name: 'auth',
    kind: 'choice',
    choices: ['basic', 'certificate'],
    value: 'basic',
    part: 'certificate',
    meaning: 'Device credentials of step 0, or a token for an X.509 certificate.',
  },
  {
    name: 'bootstrapUser',
    kind: 'user',
    value: 'management/devicebootstrap',
    meaning: 'Tenant/user that asks for credentials.',
  },
  {
    name: 'bootstrapPassword',
    kind: 'text',
    secret: true,
    meaning: 'Its password. Required for auth=basic until there are credentials.',
  },
  {
    name: 'securityToken',
    kind: 'text',
    secret: true,
    meaning: 'Token that the operator enters when accepting the device.',
  },
  {
    name: 'certificate',
    kind: 'text',
    file: true,
    meaning: 'PEM, leaf first, then the rest of the chain. Required for auth=certificate.',
  },
  {
    name: 'privateKey',
    kind: 'text',
    file: true,
    meaning: 'Unencrypted PEM key of the leaf. Required for auth=certificate.',
  },
  {
    name: 'sendChain',
    kind: 'choice',
    choices: ['yes', 'no'],
    value: 'yes',
    meaning: 'Send the chain in X-Ssl-Cert-Chain.',
  },
  {
    name: 'ca',
    kind: 'text',
    file: true,
    meaning: 'PEM of the CAs that may vouch for the platform. Default: those the machine trusts.',
  },
  {
    name: 'deviceId',
    kind: 'id',
    meaning:
      'Bootstrap id, external id and certificate CN, used verbatim; no colon with auth=basic. Default: esp32- and the MAC.',
  },
  {
    name: 'externalId',
    kind: 'id',
    meaning: 'External id, if it is not the deviceId.',
  },
  { name: 'externalIdType', kind: 'id', value: 'c8y_Serial', meaning: 'Type of the external id.' },
  {
    name: 'name',
    kind: 'text',
    meaning: 'Name given to the device when it is created. Default: ESP32 and the deviceId.',
  },
  { name: 'type', kind: 'id', value: 'c8y_ESP32', meaning: 'Type given to the device when it is created.' },
  {
    name: 'requiredAvailability',
    kind: 'integer',
    unit: 'min',
    least: 0,
    most: 10080,
    value: '10',
    meaning: 'The device is unavailable after this long without a sign of life; 0: not monitored.',
  },
  {
    name: 'measurementInterval',
    kind: 'integer',
    unit: 's',
    least: 1,
    most: 86400,
    value: '60',
    runtime: true,
    meaning: 'Between two samples of the sensors.',
  },
  {
    name: 'sendInterval',
    kind: 'integer',
    unit: 's',
    least: 0,
    most: 86400,
    value: '0',
    runtime: true,
    meaning: 'Between two batches of measurements; 0: send when sampled.',
  },
  {
    name: 'pollTimeout',
    kind: 'integer',
    unit: 's',
    least: 1,
    most: 7200,
    value: '300',
    runtime: true,
    meaning: 'How long the platform holds a long poll; its own answer overrules it.',
  },
  {
    name: 'connections',
    kind: 'choice',
    choices: ['1', '2'],
    value: '2',
    meaning: 'Connections to the platform. 1 saves memory; operations and telemetry then take some seconds.',
  },
  {
    name: 'queueSize',
    kind: 'integer',
    unit: 'records',
    least: 16,
    most: 512,
    value: '256',
    meaning: 'Measurements, and as many events, that wait in RAM without a link; on flash there is room for more.',
  },
  {
    name: 'writeBehind',
    kind: 'integer',
    unit: 's',
    least: 0,
    most: 3600,
    value: '0',
    part: 'flashQueue',
    meaning: 'A power cut loses records younger than this. Records sent within this time are not written to flash.',
  },
  {
    name: 'startSpread',
    kind: 'integer',
    unit: 's',
    least: 0,
    most: 3600,
    value: '5',
    meaning:
      'After a power cut a known device waits a random time up to this, so that many devices do not come back at once.',
  },
  {
    name: 'operationTimeout',
    kind: 'integer',
    unit: 's',
    least: 1,
    most: 86400,
    value: '300',
    runtime: true,
    meaning: 'An operation that takes longer ends FAILED.',
  },
  {
    name: 'progressTimeout',
    kind: 'integer',
    unit: 's',
    least: 60,
    most: 86400,
    value: '600',
    part: 'escalation',
    meaning:
      'After this time without success, connections are opened again; after the same time without any answer, the link is reset, then the device.',
  },
  {
    name: 'rebootstrapAfter',
    kind: 'integer',
    unit: 'h',
    least: 0,
    most: 8760,
    value: '24',
    meaning: 'After refusals for this time, the device asks for new credentials; 0: never.',
  },
  {
    name: 'allowPlain',
    kind: 'choice',
    choices: ['no', 'yes'],
    value: 'no',
    meaning: 'Allow plain http to public addresses.',
  },
];
