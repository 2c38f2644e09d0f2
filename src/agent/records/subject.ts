// SPDX-License-Identifier: Apache-2.0

import { Media, Path } from '../../cumulocity/wire.ts';

/** A kind of records, and the request that reports it; a constant in flash. */
export interface Subject {
  readonly name: string;
  readonly path: Uint8Array;
  readonly media: Uint8Array;
  /** Media type of several records in a request; undefined: the platform takes only one. */
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
