// SPDX-License-Identifier: Apache-2.0
/** The operations that people send, described once: forms of the page are made from it. */

export interface Field {
  /** Member of the operation's fragment. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'lines' | 'time' | 'choice';
  readonly value: string;
  readonly choices?: readonly string[];
}

export interface Form {
  /** The fragment, as in `c8y_SupportedOperations`. */
  readonly operation: string;
  readonly title: string;
  readonly meaning: string;
  readonly fields: readonly Field[];
}

const text = (name: string, label: string, value = ''): Field => ({ name, label, kind: 'text', value });

export const forms: readonly Form[] = [
  {
    operation: 'c8y_Command',
    title: 'Command',
    meaning: 'A line for the shell of the device; help lists what it knows.',
    fields: [text('text', 'Command', 'status')],
  },
  {
    operation: 'c8y_Configuration',
    title: 'Configuration',
    meaning: 'Sets keys that may change at run time, one key=value a line.',
    fields: [{ name: 'config', label: 'Configuration', kind: 'lines', value: 'measurementInterval=3\n' }],
  },
  {
    operation: 'c8y_SendConfiguration',
    title: 'Send configuration',
    meaning: 'Has the device write its configuration into the inventory.',
    fields: [],
  },
  {
    operation: 'c8y_Restart',
    title: 'Restart',
    meaning: 'The operation is written down before, and reported after the start.',
    fields: [],
  },
  {
    operation: 'c8y_MeasurementRequestOperation',
    title: 'Measure now',
    meaning: 'Measures at once and sends it.',
    fields: [{ name: 'requestName', label: 'Request', kind: 'choice', value: 'LOG', choices: ['LOG'] }],
  },
  {
    operation: 'c8y_Relay',
    title: 'Relay',
    meaning: 'Opens or closes the relay.',
    fields: [{ name: 'relayState', label: 'State', kind: 'choice', value: 'CLOSED', choices: ['OPEN', 'CLOSED'] }],
  },
  {
    operation: 'c8y_Message',
    title: 'Message',
    meaning: 'A text for the display of the device.',
    fields: [text('text', 'Text', 'Hello')],
  },
  {
    operation: 'c8y_LogfileRequest',
    title: 'Log file',
    meaning: 'Has the device upload a piece of its log.',
    fields: [
      text('logFile', 'Log', 'agent'),
      { name: 'dateFrom', label: 'From', kind: 'time', value: '' },
      { name: 'dateTo', label: 'To', kind: 'time', value: '' },
      text('searchText', 'Search'),
      text('maximumLines', 'Lines', '100'),
    ],
  },
  {
    operation: 'c8y_Firmware',
    title: 'Firmware',
    meaning: 'Installs another firmware and keeps it when it works.',
    fields: [text('name', 'Name'), text('version', 'Version'), text('url', 'URL')],
  },
];
