// SPDX-License-Identifier: Apache-2.0

import { checkOutput } from '../../common/checks.ts';
import type { ActuatorPart, SensorPart } from './part.ts';

/* The module `fractus/pins`: parts that are a single pin. Only projects that import it carry it. */

/** Full scale of a calibrated ADC of an ESP32 (the SDK's driver, attenuation 12 dB). */
const FULL_SCALE_V = 2.45;

export interface AnalogOptions {
  readonly pin: number;
  /** Voltage at full scale; default 2.45 V, that of the calibrated ADC. */
  readonly fullScaleV?: number;
  /** Factor of a voltage divider before the pin: 2 for two equal resistors. */
  readonly divider?: number;
}

/** `voltage` in V before the divider. A reading at full scale is not a value. */
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
          // At full scale, the voltage may be any higher one.
          reading.voltage = count === undefined || count >= full ? NaN : (count / full) * fullScaleV * divider;
          return reading;
        },
        close: () => io.close(),
      };
    },
  };
}

export interface BatteryOptions extends AnalogOptions {
  /** Default 3.3 V: an empty lithium cell. */
  readonly emptyV?: number;
  /** Default 4.2 V: a full lithium cell. */
  readonly fullV?: number;
}

/** `voltage` in V, and `charge` in % estimated from it. */
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
  /** A low pin reads as 1, for a contact to ground. */
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
  /** 1 makes the pin low, as most relay boards need. */
  readonly activeLow?: boolean;
  /** The value at the start; default 0. */
  readonly initial?: 0 | 1;
}

/** Takes 0 and 1; values between are rounded. */
export function digitalOutput({ pin, activeLow = false, initial = 0 }: DigitalOutputOptions): ActuatorPart {
  return {
    part: `output on pin ${pin}`,
    open: ({ Digital }) => {
      const level = (value: number) => (value >= 0.5 !== activeLow ? 1 : 0);
      // The level is set while the pin is opened, so that a relay does not click at each start.
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

/** Takes 0 to 1: the share of time in which the pin is high. */
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
