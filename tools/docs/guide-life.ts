// SPDX-License-Identifier: Apache-2.0
/**
 * The life of the guide's device (`examples/guide`) in its own world, from its credentials to the deletion of its
 * child.
 */

import { readFileSync } from 'node:fs';
import { createApp } from '../../examples/guide/app.ts';
import type { RawConfig } from '../../src/index.ts';
import { alarmsOf, createOperation } from '../platform/operator.ts';
import { World, type WorldOptions } from '../simulate/machine/world.ts';
import type { Exchange } from '../simulate/wire/bridge.ts';

const MANIFEST = new URL('../../examples/guide/manifest.json', import.meta.url);
const BOARD = {
  serialNumber: '0000000017b769d5',
  firmware: { name: 'raspberrypi-bootloader', version: '1.20130207-1', buildTimeMs: Date.UTC(2013, 1, 7) },
};

/** All exchanges of the device, with the ids that the platform has assigned. */
export interface GuideLife {
  readonly exchanges: readonly Exchange[];
  /** `$device`, `$child`, `$operation`, `$alarm` … */
  readonly ids: Readonly<Record<string, string>>;
}

/** @param create creates the world of its board, for a firmware that is not the usual one */
export function liveGuide(create = (options: WorldOptions) => new World(options)): GuideLife {
  const installed: Record<string, string> = {
    'pi-driver': 'pi-driver-3.4.5.jar',
    'pi4j-gpio-extension': 'pi4j-gpio-extension-0.0.5.jar',
  };
  const install = (name: string, version: string) => {
    installed[name] = version;
  };
  const modem = { rssi: -53, ber: 0.14, supplyV: 12 };
  const position = { latitude: 51.211_971, longitude: 6.151_782, altitude: 73.9 };
  const { config } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { config: RawConfig };
  const world = create({
    app: createApp({ installed, install }),
    config,
    machine: {
      board: BOARD,
      firmwareBytes: 1_966_080,
      sensors: { modem: { sample: () => modem }, gps: { sample: () => position } },
    },
  });
  const { platform } = world;
  const ids: Record<string, string> = {};
  world.start();
  world.run(30_000);
  const device = world.object;
  const deviceId = device?.id ?? '';
  ids['$device'] = deviceId;
  [ids['$child'] = ''] = device?.children.childDevices ?? [];

  const order = (fragments: Parameters<typeof createOperation>[2]) => {
    const { id } = createOperation(platform, deviceId, fragments);
    world.run(30_000);
    return id;
  };
  const config7 = '#Wed Sep 04 10:54:06 CEST 2013\nmeasurementInterval=30\n';
  ids['$configuration'] = order({ description: 'Configuration update', c8y_Configuration: { config: config7 } });
  modem.supplyV = 0;
  world.run(60_000);
  ids['$alarm'] = alarmsOf(platform, deviceId)[0]?.id ?? '';
  modem.supplyV = 12;
  world.run(60_000);
  install('pi-driver', 'pi-driver-3.4.6.jar');
  ids['$restart'] = order({ c8y_Restart: {} });
  ids['$client'] = /"clientId":"(\w+)"/.exec(world.exchanges.map(({ body }) => body).join('\n'))?.[1] ?? '';
  order({ c8y_Command: { text: 'forget' } });
  world.finish();
  return { exchanges: world.exchanges, ids };
}
