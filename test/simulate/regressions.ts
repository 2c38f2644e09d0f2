// SPDX-License-Identifier: Apache-2.0
/**
 * Lives in which the simulator once found a fault, each with what it was. They are lived again with every test; what a
 * seed decides may change with the code, so each fault has a test of its own where it was mended, too.
 *
 * Not a life of one device, and lived in `trouble.test.ts`: `--suite H1 --seed 1`, a fleet that made new connections in
 * one moment, ten minutes after it had lost the platform.
 */
export const REGRESSIONS: readonly {
  readonly scenario: string;
  readonly seed: number;
  readonly faults: string;
  readonly was: string;
}[] = [
  {
    scenario: 'cold',
    seed: 1,
    faults: 'write 3 torn',
    was: 'a damaged note of the intent to create was none, and the device got a second object',
  },
  { scenario: 'cold', seed: 1, faults: 'write 3 flipped', was: 'as before, with a bit turned over' },
  { scenario: 'cold', seed: 1, faults: 'write 6 torn', was: 'as before, of a child' },
  {
    scenario: 'cold',
    seed: 1,
    faults: 'exchange 10 400',
    was: 'the intent of a child whose external id was refused was overwritten by that of the next one: a second object',
  },
  { scenario: 'cold', seed: 1, faults: 'exchange 10 403', was: 'as before' },
  {
    scenario: 'measure',
    seed: 100085,
    faults:
      'exchange 2 lost, connect 1 tls-date, connect 1 unreachable, exchange 2 stall, exchange 5 dropBefore, ' +
      'connect 1 reset, exchange 1 dropBefore, connect 1 refused',
    was: 'the emulator held a session against the device that ended while PENDING was on its way',
  },
  {
    scenario: 'moved',
    seed: 5,
    faults: 'exchange 30 too-late',
    was: 'the emulator gave a device less time for PENDING than the longest pause of its other connection',
  },
  {
    scenario: 'token',
    seed: 77004,
    faults: 'exchange 1 429-later',
    was: 'the emulator forgot whose a request with an expired token was, and held the pause that it had asked for against it',
  },
  {
    scenario: 'token',
    seed: 77004,
    faults: 'exchange 1 503-later',
    was: 'as before',
  },
  {
    scenario: 'token',
    seed: 77004,
    faults: 'exchange 1 too-late',
    was: 'as before',
  },
  {
    scenario: 'child',
    seed: 1,
    faults: 'write 1 full',
    was: 'a child whose intent the flash refused was tried once a second, with an event for each time',
  },
  { scenario: 'known', seed: 1, faults: '', was: 'a timer of the HAL ran after the agent had stopped' },
  {
    scenario: 'configuration',
    seed: 3001,
    faults: 'call 24 throws',
    was: 'an operation was FAILED whose configuration was in force, for the agent itself had thrown within it',
  },
  {
    scenario: 'token',
    seed: 3005,
    faults: 'call 19 throws',
    was: 'the time for the logout was over, and with it the agent, whose timer then ran on',
  },
  {
    scenario: 'failure',
    seed: 1,
    faults: 'exchange 3 403',
    was: 'why an operation had failed was forgotten when the platform refused to hear it',
  },
  {
    scenario: 'software',
    seed: 8627,
    faults:
      'exchange 2 silence, exchange 4 stall, exchange 2 portal, exchange 2 asunder, exchange 4 dropAfter, exchange 1 end, connect 1 tls-name',
    was: 'a list that had failed behind a portal was not asked for when the platform had taken the subscription',
  },
  {
    scenario: 'parameters',
    seed: 1,
    faults: 'write 1 torn',
    was: 'damaged parameters were told to a board that was not there yet, so that no start succeeded',
  },
  {
    scenario: 'files',
    seed: 1,
    faults: 'call 50 throws',
    was: 'a timer that threw was taken for the end of the work, so that a file waited for its time limit',
  },
  {
    scenario: 'firmware',
    seed: 11421,
    faults: 'exchange 1 silence, exchange 6 portal, exchange 5 link',
    was: 'the end of a pause counted as the end of the list that had begun meanwhile, which was then put off for minutes',
  },
  {
    scenario: 'profile',
    seed: 8898,
    faults:
      'exchange 7 portal, exchange 3 lost, exchange 2 portal, exchange 6 reset, connect 1 no-memory, exchange 2 dropAfter, connect 1 unreachable',
    was: 'as before',
  },
  {
    scenario: 'profile',
    seed: 15172,
    faults:
      'exchange 2 dropBefore, connect 1 tls-name, exchange 5 truncate, connect 1 tls-untrusted, exchange 7 dropBefore, connect 1 hang, exchange 1 dropBefore, connect 1 hang',
    was: 'a connection that hung had kept the poll waiting, and the simulator called this the device’s fault',
  },
  {
    scenario: 'log',
    seed: 6060,
    faults: 'exchange 4 silence',
    was: 'a log that had grown was stored once more after a lost answer',
  },
  {
    scenario: 'software-advanced',
    seed: 1547,
    faults: 'connect 1 tls-untrusted, exchange 1 portal',
    was: 'the life ended before the device had learned in its pause that the service was there',
  },
];
