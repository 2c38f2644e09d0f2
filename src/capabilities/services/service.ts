// SPDX-License-Identifier: Apache-2.0
/**
 * Types that an app uses. On a board the app is bundled apart from the agent, so the names in this file are not
 * shortened.
 */

/** Commands that operators can send to a service. */
export type ServiceCommand = 'START' | 'STOP' | 'RESTART';

/** The declaration of a service. */
export interface ServiceDefinition {
  /** 1 to 50 of `A-Z a-z 0-9 _ -`. */
  readonly name: string;
  /** Kind of service, for people: `driver`, `task`. */
  readonly type: string;
  /**
   * Status at the start: `up`, `down`, or another word that operators understand. Default `unknown`. A function is asked
   * every ten seconds, and before the end of a command: `unknown` if it throws. Its first 200 characters count.
   */
  readonly status?: string | (() => string);
  /** Commands that it takes. Default: none. */
  readonly commands?: readonly ServiceCommand[];
  /**
   * Carries out a command of an operator, and sets the status to the result. It may return a promise, which ends the
   * operation; an exception or a rejection is the reason of its failure.
   */
  onCommand?(command: ServiceCommand, service: Service): void | Promise<void>;
}

/** A declared service. */
export interface Service {
  /** Its status: `up`, `down`, `unknown`, or another word. A change is sent to the platform. */
  status: string;
}
