// SPDX-License-Identifier: Apache-2.0
/** A child of the checked device: all capabilities that a child can have, by a driver that keeps everything in RAM. */

import {
  childFirmware,
  childSoftware,
  configurationFiles,
  deviceProfile,
  type InstalledPackage,
  logFiles,
  measurementRequest,
  message,
  type PackageSink,
  parameterSet,
  parameters,
  relay,
} from '../../src/capabilities/index.ts';
import type { Operation as Asked } from '../../src/capability.ts';
import type { AppChild } from '../../src/index.ts';
import type { JsonObject } from '../platform/model.ts';
import { createBinary } from '../platform/operator.ts';
import { platformUrl, type World } from '../simulate/machine/world.ts';

const SET = 'acme_Tariff';
const TYPE = 'program';

/** Declares everything. */
export function equipChild(child: AppChild): void {
  let packages: readonly InstalledPackage[] = [];
  let runs = { name: 'meter', version: '1.0' };
  let recipe: Uint8Array = Buffer.from('bread\n');
  let text = 'unit=kWh\n';
  const sink = (end: () => void): PackageSink => ({ begin() {}, write() {}, end, abort() {} });
  const without = (name: string) => packages.filter((each) => each.name !== name);
  child.operation(
    childSoftware({
      types: [TYPE],
      installed: () => packages,
      install: ({ name, version }) =>
        sink(() => {
          packages = [...without(name), { name, version }];
        }),
      remove: (name) => {
        packages = without(name);
      },
    }),
  );
  child.operation(
    childFirmware({
      installed: () => runs,
      install: ({ name, version }) =>
        sink(() => {
          runs = { name, version };
        }),
    }),
  );
  child.operation(deviceProfile());
  child.operation(
    parameters(parameterSet(SET, { pulses: { kind: 'integer', least: 1, most: 1000, value: 100 } }, () => {})),
  );
  const file = {
    type: 'recipe',
    maxBytes: 100,
    read: () => recipe,
    apply: (bytes: Uint8Array) => {
      recipe = bytes;
    },
  };
  for (const each of configurationFiles(file)) child.operation(each);
  child.operation(logFiles({ type: 'meter', read: () => 'pulse 1\npulse 2\n' }));
  child.operation(relay('valve'));
  child.operation(message(() => {}));
  child.operation(measurementRequest);
  // Operations without a capability for children: those of the app.
  const own = (name: string, run: (operation: Asked) => void) => child.operation({ name, repeatable: true, run });
  own('c8y_Restart', (operation) => operation.succeed());
  own('c8y_Command', (operation) => {
    operation.repeat('result', 'it turns\n', 100);
    operation.succeed();
  });
  const tell = (operation: Asked) => {
    operation.fragment('c8y_Configuration', { config: text });
    operation.succeed();
  };
  own('c8y_SendConfiguration', tell);
  own('c8y_Configuration', (operation) => {
    text = operation.text('config') ?? text;
    tell(operation);
  });
}

/** All operations of the child. */
export function ordersForChild(world: World): readonly JsonObject[] {
  const url = (content: string) =>
    `${platformUrl}/inventory/binaries/${createBinary(world.platform, Buffer.from(content)).id}`;
  const day = { dateFrom: '2026-01-01T00:00:00.000Z', dateTo: '2027-01-01T00:00:00.000Z' };
  const file = { name: 'of the summer', type: 'recipe', url: url('cake\n') };
  const program = { name: 'tariff', version: '1', url: url('day'), softwareType: TYPE, action: 'install' };
  const firmware = { name: 'meter', version: '2.0', url: url('image') };
  return [
    { c8y_SoftwareUpdate: [program] },
    { c8y_Firmware: firmware },
    { c8y_ParameterUpdate: {}, [`c8y_ParameterUpdate_${SET}`]: {}, [SET]: { pulses: 250 } },
    { c8y_DownloadConfigFile: file },
    { c8y_UploadConfigFile: { type: 'recipe' } },
    { c8y_LogfileRequest: { logFile: 'meter', searchText: '', maximumLines: 100, ...day } },
    {
      profileName: 'summer',
      profileId: '8',
      c8y_DeviceProfile: { firmware, software: [program], configuration: [file] },
    },
    { c8y_Relay: { relayState: 'CLOSED' } },
    { c8y_Message: { text: 'Good morning' } },
    { c8y_MeasurementRequestOperation: { requestName: 'LOG' } },
    { c8y_Restart: {} },
    { c8y_Command: { text: 'turn' } },
    { c8y_Configuration: { config: 'unit=MJ\n' } },
    { c8y_SendConfiguration: {} },
  ];
}
