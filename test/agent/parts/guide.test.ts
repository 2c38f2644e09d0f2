// SPDX-License-Identifier: Apache-2.0
/**
 * The profile `guide` of the bench does all that the integration guide requires; the second authentication is its only
 * part.
 */

import test, { type ExecutionContext } from 'ava';
import * as allParts from '../../../src/agent/parts/index.ts';
import * as allCapabilities from '../../../src/capabilities/index.ts';
import type { Capability, Part } from '../../../src/index.ts';
import { PROFILES } from '../../../tools/bench/composition.ts';
import { exchangeOf, GUIDE_STEPS } from '../../../tools/docs/guide.ts';
import { liveGuide } from '../../../tools/docs/guide-life.ts';
import { accessTokenPath } from '../../../tools/platform/tenant/tokens.ts';
import { World, type WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { DEVICE, TokenWorld } from '../../support/token-world.ts';
import { order, runToEnd } from '../operations/operating.ts';
import { settle } from '../scene.ts';

const { guide } = PROFILES;
const parts = guide.parts.map((name) => (allParts as Readonly<Record<string, unknown>>)[name] as Part);
const capabilities = guide.capabilities.map(
  (name) => (allCapabilities as Readonly<Record<string, unknown>>)[name] as Capability,
);

const worlds = {
  basic: (options: WorldOptions) => new World({ ...options, parts, capabilities }),
  certificate: (options: WorldOptions) =>
    new TokenWorld({ ...options, config: { ...options.config, deviceId: DEVICE }, parts, capabilities }),
};

for (const [authentication, create] of Object.entries(worlds)) {
  test(`steps 0 to 11 of the guide, auth=${authentication}`, (t) => {
    const life = liveGuide(create);
    const isToken = authentication === 'certificate';
    const tokens = life.exchanges.filter(({ path }) => path.startsWith(accessTokenPath));
    t.is(tokens.length > 0, isToken);
    for (const step of GUIDE_STEPS) {
      // With certificates, tokens take its place.
      if (isToken && step.path === '/devicecontrol/deviceCredentials') t.throws(() => exchangeOf(life, step));
      else t.notThrows(() => exchangeOf(life, step), `${step.step}: ${step.what}`);
    }
  });

  test(`the five operations of the guide, auth=${authentication}`, (t) => {
    carryOut(t, create({}));
  });
}

function carryOut(t: ExecutionContext, world: World): void {
  t.teardown(() => world.finish());
  world.start();
  settle(world);
  const operations = [
    order(world, { c8y_Configuration: { config: 'measurementInterval=30' } }),
    order(world, { c8y_SendConfiguration: {} }),
    order(world, { c8y_MeasurementRequestOperation: { requestName: 'LOG' } }),
    order(world, { c8y_Command: { text: 'help' } }),
    order(world, { c8y_Restart: {} }),
  ];
  runToEnd(world, operations);
  t.deepEqual(
    operations.map(({ status }) => status),
    operations.map(() => 'SUCCESSFUL'),
  );
}
