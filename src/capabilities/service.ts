// SPDX-License-Identifier: Apache-2.0
/** What an app gives and gets: on a board it is bundled apart from the agent, so the names in this file stay as they are. */

/** What operators can ask of a service. */
export type ServiceCommand = 'START' | 'STOP' | 'RESTART';

export interface ServiceDefinition {
  /** 1 to 50 of `A-Z a-z 0-9 _ -`. */
  readonly name: string;
  /** What kind it is, for people: `driver`, `task`. */
  readonly type: string;
  /** At the start: `up`, `down`, or another word that operators understand. Default `unknown`. */
  readonly status?: string;
  /** Default: none. */
  readonly commands?: readonly ServiceCommand[];
  /**
   * Does what an operator asks for, and sets the status to what has come of it. It may take time: a promise ends the operation,
   * and what it throws, or is rejected with, is the reason of its failure.
   */
  onCommand?(command: ServiceCommand, service: Service): void | Promise<void>;
}

export interface Service {
  /** Set it when it changes: the platform is told. `up`, `down`, `unknown`, or another word. */
  status: string;
}
