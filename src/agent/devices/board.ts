// SPDX-License-Identifier: Apache-2.0

import type { AppBoard, ChildDefinition } from '../../api.ts';
import type { Command } from '../../capability.ts';
import { checkName } from '../../cumulocity/names.ts';
import type { Json } from '../../json/write.ts';
import { NONE } from '../../none.ts';
import { offered } from '../../offered.ts';
import type { Child, ChildBase } from './child.ts';
import { Device } from './device.ts';
import type { ChildrenPart } from './registration/children-part.ts';

/** Empty, because the configuration and the HAL describe the board. */
const CONFIGURED: ChildDefinition = {};

/** The services of the agent that the board uses. */
interface BoardBase extends ChildBase {
  readonly parts: readonly Partial<ChildrenPart>[];
}

/** The board, as the app sees it. */
export class Board extends Device implements AppBoard {
  declare readonly agent: BoardBase;
  #commands: readonly Command[] = NONE;

  constructor(agent: BoardBase) {
    super({
      agent,
      index: 0,
      childId: '',
      definition: CONFIGURED,
      capabilities: agent.capabilities.flatMap((each) =>
        each.isPossible?.(agent) === false ? [] : (each.begin?.(agent) ?? each),
      ),
    });
  }

  /** @throws RangeError also without the part `children` */
  child(id: string, definition: ChildDefinition): Child {
    const children = offered(this.agent.parts, 'children');
    if (children !== undefined) return children.add(this.agent, id, definition);
    throw new RangeError('a child needs the part children: list it in the parts of this firmware');
  }

  /** @throws RangeError also for the fragment of a built-in operation, which sends the fragment itself. */
  override fragment(name: string, value: Json): void {
    const capability = this.capability(name);
    if (capability !== undefined && this.agent.capabilities.includes(capability)) {
      throw new RangeError(`fragment ${name}: its operation sends it`);
    }
    super.fragment(name, value);
  }

  restart(reason: string): void {
    this.agent.restart(reason);
  }

  /** The commands of the app. */
  get commands(): readonly Command[] {
    return this.#commands;
  }

  command(command: Command): void {
    checkName('command', command.name);
    this.#commands = this.#commands.filter((each) => each.name !== command.name).concat(command);
  }
}
