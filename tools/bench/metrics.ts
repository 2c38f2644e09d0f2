// SPDX-License-Identifier: Apache-2.0
/** The metrics: one definition for the command, the ratchet and the documentation. */

export interface Metric {
  readonly name: string;
  readonly unit: string;
  /** Upper limit; undefined: the value is only reported. */
  readonly goal?: number;
  /**
   * A time, which differs between runs. All others are bytes and counts, the same in every run, and must not get worse.
   */
  readonly isTime?: true;
  readonly meaning: string;
}

const DEFINITIONS = [
  {
    name: 'xs.allocated_per_measurement_bytes',
    unit: 'B',
    goal: 0,
    meaning: 'heap allocated from the sample to the acknowledgement; plain HTTP, one sensor, batches of one',
  },
  {
    name: 'xs.allocated_per_measurement_socket_bytes',
    unit: 'B',
    goal: 0,
    meaning: 'the same over real TCP sockets',
  },
  { name: 'xs.bytecodes_per_measurement', unit: 'byte codes', goal: 20_000, meaning: 'run by XS for the same' },
  {
    name: 'xs.allocated_per_operation_bytes',
    unit: 'B',
    goal: 2500,
    meaning: 'heap allocated from the push of a c8y_Command (help) to SUCCESSFUL and the next poll',
  },
  {
    name: 'xs.allocated_per_status_bytes',
    unit: 'B',
    meaning: 'the same for the command status, most of it for the text of its answer',
  },
  {
    name: 'xs.bytecodes_per_operation',
    unit: 'byte codes',
    goal: 100_000,
    meaning: 'run by XS for a c8y_Command (help)',
  },
  {
    name: 'xs.growth_10k_bytes',
    unit: 'B',
    goal: 0,
    meaning:
      'live heap after the second 10,000 measurements, 1,000 operations and 100 reconnects minus after the first',
  },
  {
    name: 'xs.new_keys_10k',
    unit: 'keys',
    goal: 0,
    meaning: 'property names made meanwhile, though every operation brings new ones',
  },
  {
    name: 'xs.agent_live_bytes',
    unit: 'B',
    goal: 12_288,
    meaning: 'live heap while long-polling, after 100 measurements and 20 operations, minus after evaluation',
  },
  {
    name: 'xs.flash_queue_allocated_per_measurement_bytes',
    unit: 'B',
    goal: 0,
    meaning:
      'heap allocated for a measurement that goes to raw flash before it counts as taken, and is acknowledged there',
  },
  {
    name: 'xs.flash_queue_bytecodes_per_measurement',
    unit: 'byte codes',
    goal: 20_000,
    meaning: 'run by XS for the same',
  },
  { name: 'xs.flash_queue_live_bytes', unit: 'B', goal: 12_288, meaning: '`xs.agent_live_bytes` with raw flash' },
  {
    name: 'xs.least_heap_bytes',
    unit: 'B',
    meaning: 'smallest heap in which a first start, some operations, an outage and a batch of 50 go well',
  },
  {
    name: 'xs.allocated_boot_bytes',
    unit: 'B',
    goal: 51_200,
    meaning: 'heap allocated by a first start, from nothing to the first long poll',
  },
  { name: 'xs.peak_stack_slots', unit: 'slots', meaning: 'most stack ever in use, operations and reconnects included' },
  {
    name: 'xs.flash_bytes',
    unit: 'B',
    meaning: 'what the evaluated bundle takes of flash, with the engine’s built-ins',
  },
  {
    name: 'xs.flash_agent_bytes',
    unit: 'B',
    goal: 300_000,
    meaning: 'the same without the engine’s built-ins',
  },
  {
    name: 'xs.flash_guide_bytes',
    unit: 'B',
    goal: 220_000,
    meaning: 'the same of the profile `guide`, as below',
  },
  { name: 'bundle.bytes', unit: 'B', goal: 115_000, meaning: 'the device bundle, minified' },
  { name: 'bundle.gzip_bytes', unit: 'B', meaning: 'the same, compressed' },
  {
    name: 'bundle.guide_bytes',
    unit: 'B',
    goal: 95_000,
    meaning:
      'that of the profile `guide`: the operations of the integration guide, its children, both authentications, no other part, and an empty app',
  },
  {
    name: 'bundle.full_bytes',
    unit: 'B',
    meaning: 'that of the profile `full`: all of `fractus/capabilities` and `fractus/parts`, and an empty app',
  },
  {
    name: 'node.operation_ratio_p50',
    unit: '×',
    goal: 3,
    isTime: true,
    meaning: 'median time from the creation of an operation to SUCCESSFUL, over that of two bare keep-alive PUTs',
  },
  { name: 'node.operation_p50_ms', unit: 'ms', isTime: true, meaning: 'median time of an operation on loopback' },
  { name: 'node.operation_p99_ms', unit: 'ms', isTime: true, meaning: '99th percentile of the same' },
  {
    name: 'node.boot_requests',
    unit: 'requests',
    goal: 9,
    meaning: 'of a new device with its credentials up to and with its first long poll, telemetry not counted',
  },
  {
    name: 'fake.connections_per_day',
    unit: 'connections',
    goal: 2,
    meaning: 'opened in a day without faults, the first start included',
  },
  {
    name: 'wire.overhead_ratio_batch_1',
    unit: '×',
    goal: 1.1,
    meaning: 'bytes of a request with one measurement over those of the smallest legal one that says the same',
  },
  { name: 'wire.overhead_ratio_batch_50', unit: '×', goal: 1.08, meaning: 'the same for 50 measurements' },
] as const satisfies readonly Metric[];

export type MetricName = (typeof DEFINITIONS)[number]['name'];

/** The measured values, by name. */
export type Values = Partial<Record<MetricName, number>>;

/** All metrics in display order. */
export const METRICS: readonly (Metric & { readonly name: MetricName })[] = DEFINITIONS;

/** Whether the goal is met; undefined without a goal. */
export function isMet({ goal }: Metric, value: number): boolean | undefined {
  return goal === undefined ? undefined : value <= goal;
}
