// SPDX-License-Identifier: Apache-2.0

import { checkOutput } from '../../common/checks.ts';
import type { ActuatorPart, SensorPart } from './part.ts';

/*
 * `fractus/pins`: parts that are a pin and nothing more. Part of the projects that import it, and of no other image.
 */

/** A calibrated ADC of an ESP32 counts up to this (the SDK's driver, attenuation 12 dB). */
const FULL_SCALE_V = 2.45;

export interface AnalogOptions {
  readonly pin: number;
  /** What the full count means; default 2.45 V, that of the calibrated ADC. */
  readonly fullScaleV?: number;
  /** A voltage divider in front of the pin: 2 for two equal resistors. */
  readonly divider?: number;
}

/** `voltage` in V at the divider. What is at the end of the scale or beyond it is no value. */
export function analogInput(options: AnalogOptions): SensorPart {
  const { fullScaleV = FULL_SCALE_V, divider = 1 } = options;
  return {
    part: `ADC on pin ${options.pin}`,
    values: { voltage: { from: 'voltage', least: 0, most: fullScaleV * divider } },
    open: (connectors) => {
      const io = new connectors.Analog({ pin: options.pin });
      const full = 2 ** io.resolution - 1;
      const reading = { voltage: 0 };
      return {
        sample() {
          const count = io.read();
          // At the end of the scale, all that is known is that it is more.
          reading.voltage = count === undefined || count >= full ? NaN : (count / full) * fullScaleV * divider;
          return reading;
        },
        close: () => io.close(),
      };
    },
  };
}

export interface BatteryOptions extends AnalogOptions {
  /** Default 3.3 V: an empty cell of lithium. */
  readonly emptyV?: number;
  /** Default 4.2 V: a full one. */
  readonly fullV?: number;
}

/** `voltage` in V and `charge` in %, as far as a voltage can tell. */
export function battery(options: BatteryOptions): SensorPart {
  const { emptyV = 3.3, fullV = 4.2 } = options;
  const input = analogInput(options);
  return {
    part: `battery, ${input.part}`,
    kinds: ['battery'],
    values: { ...input.values, charge: { from: 'charge', least: 0, most: 100 } },
    open: (connectors) => {
      const adc = input.open(connectors);
      const reading = { voltage: 0, charge: 0 };
      return {
        sample() {
          reading.voltage = (adc.sample() as { voltage: number }).voltage;
          const share = (reading.voltage - emptyV) / (fullV - emptyV);
          reading.charge = Math.min(100, Math.max(0, share * 100));
          return reading;
        },
        close: () => adc.close?.(),
      };
    },
  };
}

export interface DigitalInputOptions {
  readonly pin: number;
  /** Default `none`. */
  readonly pull?: 'up' | 'down' | 'none';
  /** A low pin is 1: a contact to ground. */
  readonly activeLow?: boolean;
}

/** `state`, 0 or 1. */
export function digitalInput({ pin, pull = 'none', activeLow = false }: DigitalInputOptions): SensorPart {
  return {
    part: `input on pin ${pin}`,
    values: { state: { from: 'state', least: 0, most: 1 } },
    open: ({ Digital }) => {
      const mode = { up: Digital.InputPullUp, down: Digital.InputPullDown, none: Digital.Input }[pull];
      const io = new Digital({ pin, mode });
      const reading = { state: 0 };
      return {
        sample() {
          reading.state = (io.read() !== 0) !== activeLow ? 1 : 0;
          return reading;
        },
        close: () => io.close(),
      };
    },
  };
}

export interface DigitalOutputOptions {
  readonly pin: number;
  /** 1 makes the pin low: most relay boards. */
  readonly activeLow?: boolean;
  /** What it is from the start; default 0. */
  readonly initial?: 0 | 1;
}

/** Takes 0 and 1; what lies between is rounded. */
export function digitalOutput({ pin, activeLow = false, initial = 0 }: DigitalOutputOptions): ActuatorPart {
  return {
    part: `output on pin ${pin}`,
    open: ({ Digital }) => {
      const level = (value: number) => (value >= 0.5 !== activeLow ? 1 : 0);
      // The level comes with the opening, so that a relay does not click at each start.
      const io = new Digital({ pin, mode: Digital.Output, initialValue: level(initial) });
      return {
        write(value) {
          checkOutput(value);
          io.write(level(value));
        },
      };
    },
  };
}

export interface PwmOptions {
  readonly pin: number;
  /** Default 1,000. */
  readonly hz?: number;
}

/** Takes 0 to 1: how much of the time the pin is high. */
export function pwmOutput({ pin, hz = 1000 }: PwmOptions): ActuatorPart {
  return {
    part: `PWM on pin ${pin}`,
    open: ({ PWM }) => {
      const io = new PWM({ pin, hz });
      const full = 2 ** io.resolution - 1;
      return {
        write(value) {
          checkOutput(value);
          io.write(Math.round(value * full));
        },
      };
    },
  };
}
