import type { Hal, Target } from '../../hal/hal.ts';
import type { App, AppBoard, ChildDefinition } from '../api.ts';
import { ascii, decodeUtf8, utf8 } from '../bytes/text.ts';
import type { Command, Host } from '../capabilities/capability.ts';
import { COMMANDS } from '../capabilities/command.ts';
import { CAPABILITIES } from '../capabilities/index.ts';
import { type Config, ConfigError, type Endpoint, parseConfig, type RawConfig, type Runtime } from '../config.ts';
import { Channel, Transport } from '../http/channel.ts';
import { type Identity, identityOf } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { type Alarm, type AlarmOwner, Timers } from '../http/timers.ts';
import { Turnstile } from '../http/turnstile.ts';
import { configurationText, keptText, parseConfigurationText } from '../runtime-config.ts';
import { VERSION } from '../version.ts';
import { Alarms } from './alarms.ts';
import { Backlog } from './backlog.ts';
import { Crashes } from './crashes.ts';
import { Credentials } from './credentials.ts';
import { Child, Device, keyOf } from './device.ts';
import { Listener } from './listener.ts';
import type { Operation } from './operation.ts';
import { Registrar } from './registrar.ts';
import { type Contact, Requests } from './requests.ts';
import { keepState, recallState } from './state.ts';
import { Telemetry } from './telemetry.ts';
import { Timekeeper } from './timekeeper.ts';
import { Token } from './token.ts';
import { Upkeep } from './upkeep.ts';
import { ANSWERED, RESTARTED, Uplink } from './uplink.ts';

/** Who this device is to the platform, and how it proves it. */
export interface Authority {
  /** Gets what requests need; `Agent.onCredentials` follows, perhaps after days. */
  start(): void;
  /** A request was answered with 401. True: something newer is on its way. */
  denied(): boolean;
  /** A request has succeeded. */
  accepted(): void;
  /** The link is back. */
  wake(): void;
  /** Ends the session with the platform, if there is one; takes a second at most. */
  leave(onLeft: () => void): void;
}

const REQUEST_BYTES = 768;
/** A token is that much longer than a password; in a buffer without room for it each request would make another one. */
const TOKEN_BYTES = 1024;
const REQUEST_MAX_BYTES = 16_384;
const RECEIVE_BYTES = 512;
const MOST_DEVICES = 200;
const RUNTIME = 'runtime';
const NO_BYTES = new Uint8Array(0);
/** What the board is stands in the configuration. */
const BOARD: ChildDefinition = {};

/** The parts of the agent and what they have in common. Each part is a table with what its states do. */
export class Agent implements Host, Contact, AlarmOwner {
  readonly hal: Hal;
  readonly config: Config;
  readonly timers: Timers;
  readonly #startTicks: number;
  readonly transport: Transport;
  readonly requests: Requests;
  /** The line in front of the long poll; with one connection the same. */
  readonly poll: Requests;
  /** The board first, then its children; records name them by position. */
  readonly devices: Device[] = [];
  #commands: Command[] | undefined = undefined;
  readonly telemetry: Telemetry;
  readonly alarms: Alarms;
  readonly upkeep: Upkeep;
  /** There while a device is to be registered. */
  #registrar: Registrar | undefined = undefined;
  readonly backlog: Backlog;
  readonly #listener: Listener;
  /** Basic authentication needs nobody once it has its credentials. */
  #authority: Authority | undefined;
  #user = '';
  readonly #timekeeper: Timekeeper;
  #restart: Alarm | undefined = undefined;
  #runtime: Runtime;
  #restartReason = '';
  #known = false;
  /** There while no exchange succeeds. */
  #uplink: Uplink | undefined = undefined;
  #hasSucceeded = false;
  #crashes: Crashes | undefined;
  #stopped = false;

  /** @throws ConfigError for the configuration, RangeError for what the app declares. */
  constructor(options: { hal: Hal; config: RawConfig; app: App }) {
    const hal = options.hal;
    this.hal = hal;
    this.config = parseConfig(options.config, hal.board.mac);
    this.#runtime = this.config.runtime;
    this.timers = new Timers(hal, new Turnstile());
    this.#startTicks = hal.clock.ticks();
    this.#timekeeper = new Timekeeper(hal, this);
    this.transport = new Transport({
      network: hal.network,
      timers: this.timers,
      receiveBytes: RECEIVE_BYTES,
      requestBytes: this.config.certificateAuth ? REQUEST_BYTES + TOKEN_BYTES : REQUEST_BYTES,
      requestMaxBytes: REQUEST_MAX_BYTES,
    });
    const { endpoint, connections } = this.config;
    const target = this.target(endpoint, false);
    this.requests = this.line('requests', target, endpoint);
    this.poll = connections === 1 ? this.requests : this.line('long poll', target, endpoint);
    this.telemetry = new Telemetry(this);
    this.alarms = new Alarms(this);
    this.upkeep = new Upkeep(this);
    this.backlog = new Backlog(this);
    this.#listener = new Listener(this);
    this.#authority = this.config.certificateAuth ? new Token(this, this.tokenLine()) : new Credentials(this);
    const board = new Board(this);
    this.devices.push(board);
    this.#crashes = Crashes.count(this);
    if (this.isSafe) return;
    this.#runtime = this.recallRuntime();
    options.app(board);
  }

  /** Begins; everything else follows from events. */
  start(): void {
    const { board, network } = this.hal;
    this.hal.log(
      'info',
      `fractus ${this.version} on ${board.model} ${board.serialNumber}, start ${board.bootCount} (${board.resetCause})`,
    );
    network.onChange((up) => this.onLink(up));
    this.indicate();
    if (this.hal.watchdog !== undefined) this.feedWatchdog(this.timers.create(this));
    this.telemetry.start();
    this.alarms.restore();
    this.#crashes?.start();
    if (!network.up) this.#uplink = new Uplink(this);
    this.#authority?.start();
  }

  /** Ends in order: no request is under way and no timer runs when `onStopped` is called, within two seconds. */
  stop(onStopped: () => void): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#restart?.stop();
    // Nobody's place in the line is taken by the next one while all are leaving.
    this.requests.hold();
    this.poll.hold();
    this.telemetry.stop();
    this.alarms.stop();
    this.upkeep.stop();
    this.#uplink?.stop();
    this.#registrar?.stop();
    this.backlog.stop();
    this.#listener.stop();
    if (this.poll !== this.requests) this.poll.close();
    const onLeft = () => {
      this.requests.close();
      this.timers.close();
      onStopped();
    };
    if (this.#authority === undefined) onLeft();
    else this.#authority.leave(onLeft);
  }

  get version(): string {
    return VERSION;
  }

  /** Since the start. */
  get upMs(): number {
    return this.hal.clock.ticks() - this.#startTicks;
  }

  get board(): Device {
    return this.devices[0] as Device;
  }

  get user(): string {
    return this.#user;
  }

  get commands(): readonly Command[] {
    return this.#commands ?? COMMANDS;
  }

  /** Adds a command, or replaces the one of that name. */
  addCommand(command: Command): void {
    this.#commands = this.commands.filter((each) => each.name !== command.name).concat(command);
  }

  get runtime(): Readonly<Runtime> {
    return this.#runtime;
  }

  deviceOf(id: string): Device | undefined {
    for (let i = 0; i < this.devices.length; i++) {
      const device = this.devices[i];
      if (id !== '' && device?.id === id && !device.gone) return device;
    }
    return undefined;
  }

  addChild(id: string, definition: ChildDefinition): Child {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
      throw new RangeError(`child "${id.slice(0, 64)}": not allowed as an id; allowed: 1 to 64 of A-Z a-z 0-9 _ -`);
    }
    if (this.devices.some((device) => device.childId === id && !device.gone))
      throw new RangeError(`child ${id}: declared twice`);
    // On flash their ids are hashes.
    const key = keyOf(id);
    if (this.devices.some((device) => device.childId !== id && device.key === key))
      throw new RangeError(`child ${id}: its id is too much like another one: choose another`);
    if (this.devices.length > MOST_DEVICES) throw new RangeError(`child ${id}: more than ${MOST_DEVICES} children`);
    // One that comes back takes its old place: coming and going uses none up, and what waits of it is still its own.
    const left = this.devices.findIndex((device) => device.childId === id);
    const index = left < 0 ? this.devices.length : left;
    const look = () => {
      this.register();
    };
    const child = new Child({ agent: this, index, childId: id, definition, onRemoved: look });
    this.devices[index] = child;
    this.alarms.declared();
    look();
    return child;
  }

  /** The time has come to restart, or to show the watchdog that the agent still turns. */
  onAlarm(alarm: Alarm): void {
    if (alarm === this.#restart) this.stop(() => this.hal.restart(this.#restartReason));
    else this.feedWatchdog(alarm);
  }

  /** Nothing has got through for long: everything that is under way begins anew. */
  reconnect(): void {
    if (this.requests.failures > 0) this.requests.reconnect();
    if (this.poll.failures > 0) this.poll.reconnect();
  }

  /** It does without the app, which has crashed too often. */
  get isSafe(): boolean {
    return this.#crashes?.isSafe === true;
  }

  /** There is a device to register or to remove. */
  register(): void {
    if (!this.#known || this.#stopped) return;
    this.#registrar ??= new Registrar(this);
    this.#registrar.look();
  }

  /** The platform says that this device is not where it was: begin again at guide step 1. */
  renew(device: Device): void {
    if (!device.unsettle()) return;
    this.register();
  }

  // From the authority

  /** Requests go out as the bootstrap user: for the credentials, and for nothing else. */
  onBootstrap(authorization: Uint8Array): void {
    this.requests.identify(this.identity(authorization));
    this.requests.release();
  }

  /** Requests go out as this device. `authority`: who has to be asked when they are refused, if anybody. */
  onCredentials(user: string, authorization: Uint8Array, authority: Authority | undefined): void {
    if (this.#stopped) return;
    this.#user = user;
    this.#authority = authority;
    const identity = this.identity(authorization);
    this.requests.identify(identity);
    this.poll.identify(identity);
    this.requests.release();
    this.poll.release();
    if (this.#known) return;
    this.#known = true;
    this.register();
  }

  // Contact

  onSuccess(head: ResponseHead, requests: Requests): void {
    this.#timekeeper.observe(head.dateMs);
    this.#uplink?.stop();
    this.#uplink = undefined;
    const isOwn = requests === this.requests || requests === this.poll;
    if (isOwn && requests.isCurrent) this.#authority?.accepted();
    if (this.#hasSucceeded) return;
    this.#hasSucceeded = true;
    this.remember(RESTARTED, undefined);
  }

  onTrouble(failure: number): void {
    if (this.#stopped) return;
    // An answer alone is no trouble.
    if (failure !== ANSWERED) this.#uplink ??= new Uplink(this);
    this.#uplink?.onTrouble(failure);
  }

  onDenied(): boolean {
    this.#authority ??= new Credentials(this);
    return this.#authority.denied();
  }

  /** Another line to the platform, for who asks for credentials while the others go on. */
  bootstrapLine(authorization: Uint8Array): Requests {
    const { endpoint } = this.config;
    const line = this.line('credentials', this.target(endpoint, false), endpoint);
    line.identify(this.identity(authorization));
    line.release();
    return line;
  }

  /** The credentials are good: nobody has to watch over them. */
  onProven(): void {
    this.#authority = undefined;
  }

  // From the registrar

  onRegistered(device: Device): void {
    this.upkeep.expect(device);
    this.look();
    if (!device.isBoard) return;
    this.indicate();
    this.#listener.renew();
  }

  /** The clock is known now. */
  onTime(): void {
    this.telemetry.learnTime();
    this.alarms.learnTime();
    this.look();
  }

  /** What was EXECUTING is in hand: time to subscribe. */
  onRecovered(): void {
    this.#listener.start();
  }

  onAllRegistered(): void {
    this.#registrar = undefined;
    if (this.#known && this.board.registered) this.backlog.start();
  }

  // Host

  configurationText(): string {
    return configurationText(this.#runtime);
  }

  configure(text: string): void {
    const runtime = parseConfigurationText(text, this.config.runtime);
    if (!this.remember(RUNTIME, keptText(text) || undefined)) {
      throw new ConfigError('config', 'the flash refuses the configuration: nothing has changed');
    }
    const { pollTimeout } = this.#runtime;
    this.#runtime = runtime;
    this.telemetry.retime();
    if (runtime.pollTimeout !== pollTimeout) this.#listener.retime();
  }

  sampleAll(): void {
    this.telemetry.sampleAll();
    this.telemetry.flush();
  }

  status(): string {
    const { board, network } = this.hal;
    const free = board.freeBytes();
    const lines = [
      `agent: fractus ${this.version}, up ${Math.floor(this.upMs / 1000)} s, start ${board.bootCount} (${board.resetCause})`,
      `firmware: ${board.firmware.name} ${board.firmware.version}`,
      `device: ${this.config.deviceId} as ${this.user}, managed object ${this.board.id || 'none'}, ${this.devices.length - 1} children`,
      `network: ${network.up ? 'up' : 'down'}${network.address === undefined ? '' : `, ${network.address}`}${network.signalDbm === undefined ? '' : `, ${network.signalDbm} dBm`}`,
      `queue: ${this.telemetry.waiting} waiting, ${this.telemetry.lost} lost`,
      `operations: ${this.#listener.listening ? 'listening' : 'not listening'}, ${this.backlog.inHand} in hand`,
      `alarms: ${this.alarms.active} active`,
    ];
    if (free !== undefined)
      lines.push(`memory: ${free} bytes free, largest block ${board.largestFreeBlockBytes() ?? 0}`);
    return `${lines.join('\n')}\n`;
  }

  once(operation: Operation): void {
    this.backlog.journal.begin(operation.id);
  }

  restart(reason: string): void {
    this.#restartReason = reason;
    this.hal.log('info', `restarting: ${reason}`);
    this.#restart ??= this.timers.create(this);
    this.#restart.start(0);
  }

  recall(name: string): string | undefined {
    const bytes = this.recallBytes(name);
    return bytes === undefined ? undefined : decodeUtf8(bytes, 0, bytes.length);
  }

  remember(name: string, text: string | undefined): boolean {
    const store = this.hal.store;
    if (text !== undefined) return keepState(store, name, utf8(text));
    // Flash wears: only what is there is deleted.
    return store.get(name) === undefined || store.delete(name);
  }

  recallBytes(name: string): Uint8Array | undefined {
    return recallState(this.hal.store, name, (damaged) => this.onDamaged(damaged));
  }

  private onDamaged(name: string): void {
    this.hal.log('error', `the stored state ${name} is damaged: it is set aside, and the device goes on without it`);
    const text = `The stored state ${name} was damaged: the device goes on without it`;
    this.telemetry.event(this.board, 'fractus_StateDamaged', text, { fractus_StateDamaged: { name } });
  }

  private recallRuntime(): Runtime {
    const text = this.recall(RUNTIME);
    if (text === undefined) return this.config.runtime;
    try {
      return parseConfigurationText(text, this.config.runtime);
    } catch (error) {
      this.hal.log('warn', `the stored configuration is not used: ${error instanceof Error ? error.message : ''}`);
      return this.config.runtime;
    }
  }

  private onLink(up: boolean): void {
    this.hal.log('info', up ? 'the network is up' : 'the network is down');
    this.indicate();
    if (this.#stopped) return;
    if (!up) {
      this.#uplink ??= new Uplink(this);
      return;
    }
    this.requests.wake();
    this.poll.wake();
    this.#authority?.wake();
  }

  /** Twice a period: whether the platform can be reached is no business of the watchdog's. */
  private feedWatchdog(alarm: Alarm): void {
    const { watchdog } = this.hal;
    if (watchdog === undefined || this.#stopped) return;
    watchdog.feed();
    alarm.start(watchdog.periodMs / 2);
  }

  /** What waits for the registration or the time may go on. */
  private look(): void {
    this.telemetry.look();
    this.alarms.look();
    this.upkeep.look();
  }

  private indicate(): void {
    this.hal.indicator?.show(!this.hal.network.up ? 'offline' : this.board.registered ? 'online' : 'waiting');
  }

  private identity(authorization: Uint8Array): Identity {
    return identityOf(ascii(this.config.endpoint.authority), authorization);
  }

  /** @param withCertificate shows the device's certificate. */
  private target({ host, port, secure }: Endpoint, withCertificate: boolean): Target {
    const { ca, certificate, privateKey } = this.config;
    const tls = withCertificate ? { ca, certificate, privateKey } : { ca };
    return secure ? { host, port, tls } : { host, port };
  }

  private line(name: string, target: Target, { authority }: Endpoint): Requests {
    const identity = identityOf(ascii(authority), NO_BYTES);
    return new Requests(name, new Channel({ transport: this.transport, target, identity }), this);
  }

  private tokenLine(): Requests {
    const endpoint = this.config.tokenEndpoint;
    return this.line('token', this.target(endpoint, true), endpoint);
  }
}

/** The board, as the app sees it. */
class Board extends Device implements AppBoard {
  constructor(agent: Agent) {
    super({ agent, index: 0, childId: '', definition: BOARD, capabilities: CAPABILITIES });
  }

  command(command: Command): void {
    this.agent.addCommand(command);
  }
}
