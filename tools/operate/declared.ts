// SPDX-License-Identifier: Apache-2.0
/** What a device itself declares about the members of its operations. */

import type { Field, Form } from '../platform/stream/forms.ts';
import type { DeviceRecord } from './tenant.ts';

/** Members whose values a device declares, and where. */
const DECLARED: Readonly<Record<string, keyof DeviceRecord & ('types' | 'logs' | 'commands')>> = {
  type: 'types',
  logFile: 'logs',
  command: 'commands',
};

/** Whether a device may declare the values of a member. */
export function isDeclared({ name }: Field): boolean {
  return Object.hasOwn(DECLARED, name);
}

/** The values of a member: those that the device declares, else those of every device. */
export function choicesOf(field: Field, device: DeviceRecord | undefined): readonly string[] | undefined {
  const list = DECLARED[field.name];
  const values = list === undefined ? [] : (device?.[list] ?? []);
  return values.length > 0 ? values : field.choices;
}

/** The form, with the values that the device declares. */
export function formFor(form: Form, device: DeviceRecord): Form {
  const fields = form.fields.map((field): Field => {
    const choices = choicesOf(field, device);
    return choices === undefined ? field : { ...field, choices };
  });
  return { ...form, fields };
}
