// SPDX-License-Identifier: Apache-2.0
/** A device with all capabilities on an emulated platform, which has carried out each of its operations. */

import {
  agentConfiguration,
  CAPABILITIES,
  configurationFiles,
  deviceProfile,
  logs,
  message,
  network,
  parameterSet,
  parameters,
  relay,
  relayArray,
  remoteAccess,
  services,
  software,
} from '../../src/capabilities/index.ts';
import { type App, measurement } from '../../src/index.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { openSession, saveHost } from '../platform/operations/remote-access.ts';
import { createBinary, createOperation, findDevice } from '../platform/operator.ts';
import { runSoftware } from '../simulate/machine/equipment.ts';
import { platformUrl, World } from '../simulate/machine/world.ts';
import { uploadFirmware } from '../simulate/scenarios/firmware.ts';
import { uploadSoftware } from '../simulate/scenarios/software.ts';

import { equipChild, ordersForChild } from './specimen-child.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
const HOST = { host: 'plc.local', port: 502 };
const SET = 'acme_Limits';
const POINTS = { House: { password: 'bread-and-butter' }, Barn: { password: 'hay and straw' } };
const PATIENCE_MS = 1_800_000;
const CALM_MS = 60_000;

/** All operations of the device, in this order; firmware comes last, because it restarts the board. */
function ordersFor(world: World): readonly JsonObject[] {
  const { id } = createBinary(world.platform, Buffer.from('measurementInterval=30\n'));
  const file = { name: 'of today', type: 'agent', url: `${platformUrl}/inventory/binaries/${id}` };
  const mod = uploadSoftware({ world });
  const log = { logFile: 'agent', searchText: '', maximumLines: 100 };
  const day = { dateFrom: '2026-01-01T00:00:00.000Z', dateTo: '2027-01-01T00:00:00.000Z' };
  return [
    { c8y_Configuration: { config: 'measurementInterval=20\n' } },
    { c8y_SendConfiguration: {} },
    { c8y_UploadConfigFile: { type: 'agent' } },
    { c8y_DownloadConfigFile: file },
    { c8y_Command: { text: 'status' } },
    { c8y_MeasurementRequestOperation: { requestName: 'LOG' } },
    { c8y_Relay: { relayState: 'CLOSED' } },
    { c8y_RelayArray: ['CLOSED', 'OPEN'] },
    { c8y_Message: { text: 'Good morning' } },
    { c8y_ParameterUpdate: {}, [`c8y_ParameterUpdate_${SET}`]: {}, [SET]: { high: 70 } },
    { c8y_Network: { fractus_WiFi: { name: 'Barn', password: POINTS.Barn.password } } },
    { c8y_LogfileRequest: { ...log, ...day } },
    { c8y_SoftwareUpdate: [mod] },
    { c8y_Restart: {} },
    { profileName: 'winter', profileId: '7', c8y_DeviceProfile: { software: [mod] } },
    { c8y_Firmware: uploadFirmware({ device: world.device, world }) },
  ];
}

/** The world of this device. @throws Error for an operation that was not SUCCESSFUL */
export function liveAll(): World {
  const world: World = new World({
    seed: 1,
    platform: { settings: { advancedSoftware: true } },
    app: (board) => {
      runSoftware(board, world.device.machine.modules.place);
      equip(board);
    },
    config: { measurementInterval: '60', requiredAvailability: '30' },
    capabilities: [...CAPABILITIES, logs(), software(), deviceProfile(), network(), parameters(limits)],
    machine: {
      firmwareBytes: 20_000,
      modulesBytes: 20_000,
      nor: { sectorBytes: 4096, sectors: 32 },
      outputs: ['relay', 'pump', 'fan', 'valve'],
      wifi: { name: 'House', ...POINTS.House, points: POINTS },
    },
  });
  world.network.listen(HOST.host, HOST.port, () => {});
  world.start();
  world.runUntil(() => world.object !== undefined, PATIENCE_MS);
  world.run(CALM_MS);
  const { platform, device } = world;
  const id = world.object?.id ?? '';
  const service = findDevice(platform, `${device.deviceId}:service-driver`)?.id ?? '';
  for (const fragments of ordersFor(world)) carryOut(world, createOperation(platform, id, fragments));
  const meter = findDevice(platform, `${device.deviceId}:meter`)?.id ?? '';
  for (const fragments of ordersForChild(world)) carryOut(world, createOperation(platform, meter, fragments));
  carryOut(world, createOperation(platform, service, { c8y_ServiceCommand: { command: 'RESTART' } }));
  const target = { hostname: HOST.host, port: HOST.port };
  saveHost(platform.core, { deviceId: id, name: 'controller', protocol: 'PASSTHROUGH', ...target });
  carryOut(world, openSession(platform.core, id, target, { send: (_bytes, onSent) => onSent(), close() {} }).operation);
  world.run(CALM_MS);
  return world;
}

const limits = parameterSet(SET, { high: { kind: 'number', least: 0, most: 100, value: 50 } }, () => {});

const equip: App = (board) => {
  const sensor = { sample: () => ({ level: 3 }) };
  board.sensor({ reports: LEVEL, sensor });
  board.operation(relay());
  board.operation(relayArray('pump', 'fan'));
  board.operation(message(() => {}));
  for (const each of configurationFiles(agentConfiguration)) board.operation(each);
  board.operation(remoteAccess({ allow: [HOST] }));
  board.fragment('c8y_SupportedChildDeviceTypes', ['acme_Meter']);
  const child = board.child('meter', { type: 'acme_Meter' });
  child.sensor({ reports: LEVEL, sensor });
  equipChild(child);
  services(board, [{ name: 'driver', type: 'task', status: 'up', commands: ['RESTART'], onCommand: () => {} }]);
  board.position(51.2, 6.8, 40);
  board.event('acme_Door', 'The door is open');
  board.alarm('acme_Smoke', 'CRITICAL', 'Smoke in the cellar');
};

function carryOut(world: World, operation: Operation): void {
  world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', PATIENCE_MS);
  if (operation.status !== 'SUCCESSFUL')
    throw new Error(`operation ${JSON.stringify(operation.fragments)}: ${operation.failureReason}`);
}
