// SPDX-License-Identifier: Apache-2.0

import type { Sensor } from '../../../hal/hal.ts';
import type { AppDevice, ChildDefinition, Fragments, RuleDefinition, SensorDefinition, Severity } from '../../api.ts';
import type { Capability } from '../../capability.ts';
import { checkExternalId } from '../../cumulocity/identity.ts';
import { checkFragment, FRAGMENTS_MAX_BYTES, WRITTEN } from '../../cumulocity/inventory.ts';
import { checkFreeName, checkName, checkRange, isAmong } from '../../cumulocity/names.ts';
import type { Json } from '../../json/write.ts';
import { NONE } from '../../none.ts';
import type { Addressee, OperationLine } from '../operations/operations-base.ts';
import type { RecordSource } from '../records/records-base.ts';
import type { SensorPort } from '../records/sensor-port.ts';
import { type Fragment, forgetDeclared, memberHash, Stage } from './acknowledged.ts';
import type { DeviceBase } from './device-base.ts';
import { Registrant } from './registrant.ts';

const SOFTWARE = 'c8y_SoftwareList';
const MOST_OTHER_IDS = 8;
/** The longest time for which an operation may delay those behind it, such as `c8y_Restart`. */
const LONGEST_OPERATION_MS = 86_400_000;

/** The board or one of its children, with the declarations of the app. The app uses it as an `AppDevice`. */
export class Device extends Registrant<DeviceBase> implements AppDevice, RecordSource, Addressee {
  executor: OperationLine | undefined;
  /** Ticks of the last sign of life. */
  lastSignTicks = 0;
  /** Whether fragments have changed since the last update of the inventory. */
  dirty = false;
  /** Whether an update has failed. It is tried again after the pause of the upkeep. */
  updatePutOff = false;
  readonly sensors: SensorPort[] = [];
  /** The capabilities for its operations. */
  capabilities: readonly Capability[];
  /** Created with the first fragment. */
  #fragments: Fragment[] | undefined;
  /** The software that the app has named. */
  installed: readonly Software[] = NONE;
  #softwareBytes = 0;
  /** Further external ids, besides the one by which the agent finds its object. */
  otherIds: readonly OtherId[] = NONE;

  constructor(options: {
    agent: DeviceBase;
    index: number;
    childId: string;
    definition: ChildDefinition;
    capabilities?: readonly Capability[];
  }) {
    super(options);
    this.capabilities = options.capabilities ?? NONE;
  }

  // AppDevice

  sensor(definition: SensorDefinition): void {
    this.agent.telemetry.add(this, definition);
  }

  removeSensor(sensor: Sensor): void {
    // It may be declared more than once, with different measurements.
    for (let i = this.sensors.length - 1; i >= 0; i--) {
      if (this.sensors[i]?.sensor !== sensor) continue;
      this.sensors[i]?.deadline?.stop();
      this.sensors.splice(i, 1);
    }
  }

  operation(declared: Capability): void {
    if (declared.isPossible?.(this.agent) === false) return;
    const capability = declared.begin?.(this.agent, this) ?? declared;
    checkName('operation', capability.name);
    checkRange(`operation ${capability.name}: timeoutMs`, capability.timeoutMs ?? 1, 1, LONGEST_OPERATION_MS);
    this.offer(this.others(capability.name).concat(capability));
  }

  removeOperation(name: string): void {
    this.offer(this.others(name));
  }

  private others(name: string): readonly Capability[] {
    return this.capabilities.filter((each) => each.name !== name);
  }

  private offer(capabilities: readonly Capability[]): void {
    this.capabilities = capabilities;
    if (this.agent.started) this.renewDocument();
  }

  fragment(name: string, value: Json): void {
    checkFreeName('fragment', name, WRITTEN);
    const isNews = this.put(name, value, checkFragment(name, value));
    // Before the registration, the value is part of the declaration.
    if (isNews && this.registered) forgetDeclared(this, name);
  }

  /** As `fragment`, for a checked name. Fragments that the agent itself writes are sent with the whole update. */
  restate(name: string, value: Json): void {
    if (isAmong(name, WRITTEN)) this.renewDocument();
    else this.put(name, value, checkFragment(name, value));
  }

  /** Makes the registrar send the update again. */
  private renewDocument(): void {
    this.owes = true;
    this.agent.register();
  }

  /** Sets a fragment. False: the platform has this value already, or there is no room. */
  private put(name: string, value: Json, bytes: number): boolean {
    this.#fragments ??= [];
    const known = this.#fragments.find((each) => each.name === name);
    const hash = memberHash(name, value);
    if (known?.hash === hash && (known.stage === Stage.Sent || known.stage === Stage.There)) return false;
    if (!this.hasRoom(name, bytes - (known?.bytes ?? 0))) return false;
    if (known === undefined) this.#fragments.push({ name, value, bytes, hash, stage: Stage.New });
    else {
      known.value = value;
      known.bytes = bytes;
      known.hash = hash;
      known.stage = Stage.New;
    }
    this.dirty = true;
    this.agent.upkeep.wakeUp();
    return true;
  }

  /** Whether there is room. @throws RangeError before the start; later a fragment without room is left out. */
  private hasRoom(name: string, moreBytes: number): boolean {
    if (this.fragmentBytes + moreBytes <= FRAGMENTS_MAX_BYTES) return true;
    const text = `fragment ${name}: with it ${this.label} has more than ${FRAGMENTS_MAX_BYTES} bytes of fragments`;
    if (!this.agent.started) throw new RangeError(text);
    this.hal.log('error', `${text}: it is left out`);
    return false;
  }

  software(name: string, version: string | undefined, url = ''): void {
    checkName('software', name);
    const others = this.installed.filter((each) => each.name !== name);
    const list = version === undefined ? others : others.concat({ name, version, url });
    // Twice, because each entry is in two fragments.
    const bytes = 2 * checkFragment(SOFTWARE, list);
    if (!this.hasRoom(SOFTWARE, bytes - this.#softwareBytes)) return;
    this.installed = list;
    this.#softwareBytes = bytes;
    if (this.agent.started) this.restate(SOFTWARE, list);
  }

  alsoKnownAs(type: string, id: string): void {
    checkExternalId(this.label, { type, id });
    if (this.otherIds.some((each) => each.type === type && each.id === id)) return;
    if (this.otherIds.length === MOST_OTHER_IDS)
      throw new RangeError(`${this.label}: more than ${MOST_OTHER_IDS} external ids`);
    this.otherIds = this.otherIds.concat({ type, id });
    if (!this.agent.started) return;
    this.owes = true;
    this.agent.register();
  }

  position(latitude: number, longitude: number, altitude?: number): void {
    checkRange('position: latitude', latitude, -90, 90);
    checkRange('position: longitude', longitude, -180, 180);
    if (altitude !== undefined) checkRange('position: altitude', altitude, -12_000, 1_000_000);
    const position: Record<string, Json> = { lat: latitude, lng: longitude };
    if (altitude !== undefined) position['alt'] = altitude;
    this.fragment('c8y_Position', position);
    this.event('c8y_LocationUpdate', 'Location updated', { c8y_Position: position });
  }

  measure(type: string, fragments: Fragments): void {
    this.agent.telemetry.measure(this, type, fragments);
  }

  event(type: string, text: string, fragments?: Fragments): void {
    this.agent.telemetry.event(this, type, text, fragments);
  }

  alarm(type: string, severity: Severity, text: string, fragments?: Fragments): void {
    this.agent.alarms.raise(this, type, severity, text, fragments);
  }

  clear(type: string): void {
    this.agent.alarms.clear(this, type);
  }

  // Called by the agent.

  get operationTimeoutMs(): number {
    return this.agent.runtime.operationTimeout * 1000;
  }

  /** The platform has received a sign of life from this device. */
  touched(): void {
    this.lastSignTicks = this.hal.clock.ticks();
  }

  /** Raises or clears the alarm of a rule whose state has changed. `isFirst`: the first time since the start. */
  follow(rule: RuleDefinition, raised: boolean, isFirst: boolean): void {
    if (raised) this.alarm(rule.type, rule.severity, rule.text);
    else this.agent.alarms.clear(this, rule.type, isFirst);
  }

  get fragments(): readonly Fragment[] {
    return this.#fragments ?? NONE;
  }

  /** The bytes of all fragments in a request. */
  get fragmentBytes(): number {
    return this.fragments.reduce((sum, { bytes }) => sum + bytes, this.#softwareBytes);
  }

  capability(name: string): Capability | undefined {
    for (let i = 0; i < this.capabilities.length; i++) {
      const capability = this.capabilities[i];
      if (capability?.name === name) return capability;
    }
    return undefined;
  }

  operationNames(): string {
    return this.capabilities.map((each) => each.name).join(', ') || 'none';
  }

  /** The platform has answered the update: its fragments are not sent again, unless they have changed meanwhile. */
  changesTold(): void {
    const { fragments } = this;
    for (let i = 0; i < fragments.length; i++) {
      const fragment = fragments[i];
      if (fragment?.stage === Stage.Sent) fragment.stage = Stage.There;
    }
  }
}

export type OtherId = { readonly type: string; readonly id: string };

export type Software = { readonly name: string; readonly version: string; readonly url: string };
