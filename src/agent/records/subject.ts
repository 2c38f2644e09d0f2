// SPDX-License-Identifier: Apache-2.0

import { Media, Path } from '../../cumulocity/wire.ts';

/** What is reported how; lies in flash. */
export interface Subject {
  readonly name: string;
  readonly path: Uint8Array;
  readonly media: Uint8Array;
  /** Media type of several at once; undefined where the platform takes one only. */
  readonly collection: Uint8Array | undefined;
  readonly batch: number;
}

export const MEASUREMENTS: Subject = {
  name: 'measurements',
  path: Path.Measurements,
  media: Media.Measurement,
  collection: Media.MeasurementCollection,
  batch: 50,
};

export const EVENTS: Subject = {
  name: 'events',
  path: Path.Events,
  media: Media.Event,
  collection: undefined,
  batch: 1,
};
