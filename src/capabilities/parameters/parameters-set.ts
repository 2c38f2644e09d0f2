// SPDX-License-Identifier: Apache-2.0
/** Parameters as an app declares them. */

import type { Host } from '../../capability.ts';
import { WRITTEN } from '../../cumulocity/inventory.ts';
import { checkFreeName, checkName } from '../../cumulocity/names.ts';

/** A number within limits. */
export interface NumberParameter {
  /** An integer has no fraction. */
  readonly kind: 'integer' | 'number';
  readonly least: number;
  readonly most: number;
  /** In force until an operation changes it. */
  readonly value: number;
}

/** One of several texts. */
export interface ChoiceParameter<Choice extends string = string> {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
  readonly value: NoInfer<Choice>;
}

/** A text without control characters. */
export interface TextParameter {
  readonly kind: 'text';
  /** Longest text: 1 to 500. */
  readonly mostChars: number;
  readonly value: string;
}

/** A value that is true or false. */
export interface FlagParameter {
  readonly kind: 'flag';
  readonly value: boolean;
}

/** A parameter of any kind. */
export type Parameter = NumberParameter | ChoiceParameter | TextParameter | FlagParameter;

/** The type of a parameter's value in the app. */
export type ParameterValue<P extends Parameter> = P extends {
  readonly kind: 'choice';
  readonly choices: readonly (infer C)[];
}
  ? C
  : P extends TextParameter
    ? string
    : P extends FlagParameter
      ? boolean
      : number;

/** Values that belong together: they are changed, reported and applied as one. Made by `parameterSet`. */
export interface ParameterSet {
  readonly fragment: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  apply(values: Readonly<Record<string, number | string | boolean>>, host: Host): void | Promise<void>;
  read?(host: Host): Readonly<Record<string, number | string | boolean | undefined>>;
}

/**
 * Declares a set of parameters.
 * @param fragment of the inventory, with an underscore in its name like other fragments of your own: `acme_Limits`
 * @param apply called at each start with the values in force, and at each change. A second call with the same values
 * must change nothing, because a power cut may come in between. It may return a promise. An exception or a rejection is
 * the reason of the failure, and the values before are applied again; so they are when the promise is not settled within
 * `operationTimeout`
 * @param read the values that the app uses, of all parameters or of some, at once; asked after a change. Values other
 * than those applied fail the operation, and the values before are applied again. Absent: `apply` is believed
 * @throws RangeError for a definition that is not valid
 */
export function parameterSet<const P extends Readonly<Record<string, Parameter>>>(
  fragment: string,
  parameters: P,
  apply: (values: { readonly [Name in keyof P]: ParameterValue<P[Name]> }, host: Host) => void | Promise<void>,
  read?: (host: Host) => { readonly [Name in keyof P]?: ParameterValue<P[Name]> },
): ParameterSet {
  check(fragment, parameters);
  return { fragment, parameters, apply: apply as ParameterSet['apply'], ...(read && { read }) };
}

function check(fragment: string, parameters: ParameterSet['parameters']): void {
  checkFreeName('parameters', fragment, WRITTEN);
  const names = Object.keys(parameters);
  if (names.length === 0) throw new RangeError(`parameters ${fragment}: a set has at least one`);
  for (const name of names) {
    checkName(`parameters ${fragment}`, name);
    const parameter = parameters[name] as Parameter;
    if (!isSound(parameter) || !fits(parameter, parameter.value)) {
      throw new RangeError(
        `parameters ${fragment}: the value of ${name} is not allowed; allowed: ${allowed(parameter)}`,
      );
    }
  }
}

function isSound(parameter: Parameter): boolean {
  return parameter.kind !== 'text' || (parameter.mostChars >= 1 && parameter.mostChars <= 500);
}

/** Whether a value of the right type is allowed. */
export function fits(parameter: Parameter, value: number | string | boolean): boolean {
  switch (parameter.kind) {
    case 'integer':
    case 'number': {
      const isNumber = typeof value === 'number' && value >= parameter.least && value <= parameter.most;
      return isNumber && (parameter.kind === 'number' || Number.isInteger(value));
    }
    case 'choice':
      return typeof value === 'string' && parameter.choices.includes(value);
    case 'text':
      return typeof value === 'string' && value.length <= parameter.mostChars && !/[\u0000-\u001f\u007f]/.test(value);
    case 'flag':
      return typeof value === 'boolean';
  }
}

/** The allowed values, for a person. */
export function allowed(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'integer':
      return `a whole number from ${parameter.least} to ${parameter.most}`;
    case 'number':
      return `a number from ${parameter.least} to ${parameter.most}`;
    case 'choice':
      return parameter.choices.join(', ');
    case 'text':
      return `a text of up to ${parameter.mostChars} characters without control characters`;
    case 'flag':
      return 'true, false';
  }
}
