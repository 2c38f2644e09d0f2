// SPDX-License-Identifier: Apache-2.0

import { type App, type AppChild, type Capability, measurement, type Sensor } from 'fractus';

/** The driver of some bus: rooms with a sensor and a valve, which come and go. */
export interface Bus {
  readonly rooms: readonly Room[];
  /** Called when a room is plugged in, is unplugged for good, stops answering, or answers again. */
  onChange: ((change: 'added' | 'removed' | 'silent' | 'back', room: Room) => void) | undefined;
}

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly climate: Sensor;
  /** 0 (closed) to 1 (open). */
  turnValve(position: number): void;
}

const CLIMATE = measurement({
  type: 'acme_RoomClimate',
  fragments: {
    acme_RoomClimate: {
      T: { of: 'temperature', unit: '°C', decimals: 1 },
      h: { of: 'humidity', unit: '%RH', decimals: 0 },
    },
  },
});

/** A gateway: each room on the bus is a child device with a sensor and an operation of its own. */
export function createApp(bus: Bus): App {
  return (board) => {
    const children = new Map<string, AppChild>();
    const add = (room: Room) => {
      const child = board.child(room.id, { name: room.name, type: 'acme_Room' });
      child.sensor({ reports: CLIMATE, sensor: room.climate });
      child.operation(valveOf(room));
      children.set(room.id, child);
    };
    bus.rooms.forEach(add);
    bus.onChange = (change, room) => {
      if (change === 'added') add(room);
      else if (change === 'removed') children.get(room.id)?.remove();
      else children.get(room.id)?.reachable(change === 'back');
    };
  };
}

function valveOf(room: Room): Capability {
  return {
    name: 'acme_Valve',
    run(operation) {
      const position = operation.number('position');
      if (position === undefined || position < 0 || position > 1) return operation.fail('position: allowed is 0 to 1');
      room.turnValve(position);
      operation.fragment('acme_Valve', { position });
      operation.succeed();
    },
  };
}
