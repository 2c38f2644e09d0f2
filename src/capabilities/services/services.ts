// SPDX-License-Identifier: Apache-2.0

import type { AppBoard, AppChild } from '../../api.ts';
import { cut, reasonOf } from '../../bytes/text.ts';
import type { AgentHost, Capability } from '../../capability.ts';
import { SERVICE } from '../../cumulocity/inventory.ts';
import type { EventFollower } from '../../timers/event-scope.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import type { Service, ServiceCommand, ServiceDefinition } from './service.ts';

const FRAGMENT = 'c8y_ServiceCommand';
/** On flash: the names of the services on the platform, one per line. */
const NOTED = 'services';
const PREFIX = 'service-';
const MOST = 20;
const UNKNOWN = 'unknown';
const LOOK_MS = 10_000;
/** A longer result of a function is cut: a fragment that is too large would be an exception, without a caller. */
const STATUS_MAX_CHARS = 200;
/** Most services of earlier starts that wait for their removal; of more, the oldest stay under the device. */
const MOST_FORMER = 40;
/** Standing of a child that is removed from its device. */
const REMOVED = 3;

/**
 * Declares services: programs that run on the device next to the agent, or within it, with a status for operators, and
 * with commands if they take any. All of them are declared in one call with the other declarations of the app. A
 * service that an earlier start has declared, and this one does not, is removed from the device; its data stays.
 * @returns them in the same order
 * @throws RangeError when a name is not allowed or used twice, or there are more than 20
 */
export function services(board: AppBoard, definitions: readonly ServiceDefinition[]): readonly Service[] {
  const { agent } = board as unknown as { readonly agent: AgentHost };
  const names = definitions.map(({ name }) => name);
  if (names.length > MOST) throw new RangeError(`services: more than ${MOST}`);
  for (const name of names) {
    if (!/^[A-Za-z0-9_-]{1,50}$/.test(name) || names.indexOf(name) !== names.lastIndexOf(name))
      throw new RangeError(
        `service "${name.slice(0, 60)}": allowed are names of 1 to 50 of A-Z a-z 0-9 _ -, each once`,
      );
  }
  const noted = agent.recall(NOTED)?.split('\n') ?? [];
  const former = noted.filter((name) => !names.includes(name)).slice(0, MOST_FORMER);
  // Noted before a service is created, so that the next start knows those that it does not declare.
  const all = [...names, ...former].join('\n');
  if (all !== noted.join('\n')) agent.remember(NOTED, all === '' ? undefined : all);
  const made = definitions.map((definition) => new DeclaredService(board, agent, definition));
  const watched = made.filter(({ isWatched }) => isWatched);
  if (watched.length > 0) new Lookout(agent, watched);
  if (former.length > 0) new Farewell(board, agent, names, former);
  return made;
}

function childOf(board: AppBoard, name: string): AppChild {
  return board.child(`${PREFIX}${name}`, { name, type: SERVICE, requiredAvailabilityMin: 0 });
}

class DeclaredService implements Service, Capability {
  readonly name = FRAGMENT;
  readonly #definition: ServiceDefinition;
  readonly #agent: AgentHost;
  readonly #child: AppChild;
  #status = '';

  constructor(board: AppBoard, agent: AgentHost, definition: ServiceDefinition) {
    const { name, type, status = UNKNOWN, commands = [] } = definition;
    this.#agent = agent;
    this.#definition = definition;
    this.#status = typeof status === 'string' ? status : this.said(status);
    this.#child = childOf(board, name);
    this.#child.fragment('serviceType', type);
    this.#child.fragment('status', this.#status);
    if (commands.length > 0) this.#child.operation(this);
  }

  get status(): string {
    return this.#status;
  }

  set status(status: string) {
    this.#child.fragment('status', status);
    this.#status = status;
  }

  /** Whether its status is a function. */
  get isWatched(): boolean {
    return typeof this.#definition.status === 'function';
  }

  /** Takes the status of its function, if it has one. */
  look(): void {
    const { status } = this.#definition;
    if (typeof status !== 'function') return;
    const now = this.said(status);
    if (now !== this.#status) this.status = now;
  }

  /** The result of a function of the app, which may throw or return anything. */
  private said(status: () => string): string {
    try {
      const said: unknown = status();
      return typeof said === 'string' && said !== '' ? cut(said, STATUS_MAX_CHARS) : UNKNOWN;
    } catch (error) {
      // Said once, although it is asked every ten seconds.
      const text = `service ${this.#definition.name}: its status is not known: ${reasonOf(error)}`;
      if (this.#status !== UNKNOWN) this.#agent.hal.log('warn', text);
      return UNKNOWN;
    }
  }

  // Capability

  inventory() {
    return { c8y_SupportedServiceCommands: this.#definition.commands ?? [] };
  }

  run(operation: Parameters<Capability['run']>[0]): void | Promise<void> {
    const { name, commands = [], onCommand } = this.#definition;
    const command = operation.text('command');
    const serviceName = operation.text('serviceName') ?? name;
    const known = commands.find((each) => each === command);
    if (serviceName !== name) operation.fail(`serviceName: this is ${name}`);
    else if (known === undefined) operation.fail(`command: allowed are ${commands.join(', ')}`);
    else {
      const end = () => {
        this.look();
        operation.fragment('status', this.#status);
        operation.succeed();
      };
      const done = onCommand?.(known as ServiceCommand, this);
      // JavaScript may return anything, a thenable too.
      if (typeof done?.then !== 'function') end();
      else return Promise.resolve(done).then(end);
    }
  }
}

/** Looks at the services whose status is a function. */
class Lookout implements DeadlineOwner {
  readonly #services: readonly DeclaredService[];

  constructor({ timers }: AgentHost, services: readonly DeclaredService[]) {
    this.#services = services;
    timers.create(this).start(LOOK_MS);
  }

  onDeadline(deadline: Deadline): void {
    deadline.start(LOOK_MS);
    for (let i = 0; i < this.#services.length; i++) this.#services[i]?.look();
  }
}

/** Removes the services that are not declared any more from the device, and then forgets them. */
class Farewell implements EventFollower {
  readonly #agent: AgentHost;
  readonly #names: readonly string[];
  readonly #children: readonly AppChild[];
  #isDone = false;

  constructor(board: AppBoard, agent: AgentHost, names: readonly string[], former: readonly string[]) {
    this.#agent = agent;
    this.#names = names;
    this.#children = former.map((name) => childOf(board, name));
    for (const child of this.#children) child.remove();
    agent.timers.scope.add(this);
  }

  afterEvent(): void {
    if (this.#isDone) return;
    const isThere = (child: AppChild) => (child as unknown as { readonly standing: number }).standing !== REMOVED;
    if (this.#children.some(isThere)) return;
    this.#isDone = true;
    this.#agent.remember(NOTED, this.#names.length === 0 ? undefined : this.#names.join('\n'));
  }
}
