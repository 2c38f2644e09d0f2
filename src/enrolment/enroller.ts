// SPDX-License-Identifier: Apache-2.0

import type { Authority } from '../agent/uplink/authority.ts';
import { Machine } from '../base/machine.ts';
import { Decision, Signal } from '../base/outcome.ts';
import { ANSWERED } from '../base/request-line.ts';
import { NO_BYTES } from '../bytes/text.ts';
import type { Transfer } from '../transfers/transfer.ts';
import type { CertificateFacts } from './certificates.ts';
import type { Enquiry } from './enquiry.ts';
import type { EnrolmentBase } from './enroller-base.ts';
import { Enrol, type EnrollerActions, enrollerTable } from './enroller-table.ts';
import { certificateOf, dayOf, faultOf, isRefusal, patienceMs, refusalText } from './judgement.ts';
import { type KeyPair, makeKey } from './key.ts';
import type { Arithmetic } from './p256.ts';
import { askFirst, askNext, askToken, hasToken, nameFault, passwordFault, requestBody } from './questions.ts';
import { CANDIDATE, CURRENT, keepSlot, promote, readSlot } from './slots.ts';

const ALARM = 'fractus_CertificateExpires';
/** Part of its life after which a certificate is replaced: a third is left for failures. */
const RENEW_AT = 0.667;
/** Part of its life after which an alarm reports that it was not replaced. */
const ALARM_AT = 0.833;
/** Longest pause after a refusal, if the end is not near: the platform hardly changes its mind in a minute. */
const REFUSED_MS = 3_600_000;
/** Longest pause between checks whether a renewal is due. */
const LOOK_MS = 43_200_000;
/** The pause when a renewal is due, or while the time is unknown or the certificate is not accepted. */
const SOON_MS = 600_000;
/** Least pause when a person has to act. */
const MOST_WAIT_MS = 60_000;
const KEEP_RETRY_MS = 10_000;
const UNKNOWN = 'is not registered, or its one-time password is wrong or used';

/**
 * Gets this device a certificate, and later its successors. The key is made here; it is stored on flash with its
 * certificate, and nowhere else. It stands before the authority that gets tokens with the certificate in use: that one
 * starts once there is a certificate.
 */
export class Enroller extends Machine<EnrolmentBase> implements Authority, EnrollerActions, Transfer {
  readonly #inner: Authority;
  readonly #arithmetic: Arithmetic;
  #hasBegun = false;
  /** Facts of the certificate in use. */
  #facts: CertificateFacts | undefined;
  /** Defined during a request for a certificate, with the signed body of the request: both take a while to make. */
  #key: KeyPair | undefined;
  #body: Uint8Array = NO_BYTES;
  #enquiry: Enquiry | undefined;
  #sinceTicks = 0;
  #asks = 0;
  /** The certificate has expired and was refused as proof: the one-time password is tried. */
  #isAnew = false;
  /** The alarm about its end is active. */
  #isWarned = false;

  /** @param inner gets tokens for the certificate in use */
  constructor(agent: EnrolmentBase, inner: Authority, arithmetic: Arithmetic) {
    super(agent, enrollerTable);
    this.#inner = inner;
    this.#arithmetic = arithmetic;
  }

  // Authority, until the inner one has started.

  start(): void {
    this.#sinceTicks = this.agent.hal.clock.ticks();
    this.agent.board.command({
      name: 'certificate',
      help: 'which certificate the device has',
      repeatable: true,
      run: () => this.describe(),
    });
    this.enter(Enrol.Recall);
  }

  denied(): boolean {
    return this.#inner.denied();
  }

  accepted(): void {}

  wake(): void {
    this.#inner.wake();
  }

  logOut(onLoggedOut: () => void): void {
    this.stop();
    this.#inner.logOut(onLoggedOut);
  }

  override stop(): void {
    super.stop();
    this.end();
  }

  // EnrollerActions

  recall(): Decision {
    const { store } = this.agent.hal;
    this.#facts = readSlot(store, CURRENT);
    if (this.#facts !== undefined) this.begin();
    if (readSlot(store, CANDIDATE) !== undefined) return Decision.Other;
    return this.#facts === undefined ? Decision.No : Decision.Yes;
  }

  ask(): Decision | undefined {
    const { hal, config } = this.agent;
    const missing = this.isRenewal ? nameFault(config.deviceId) : (nameFault(config.deviceId) ?? passwordFault(config));
    if (missing !== undefined) {
      this.complain(missing);
      return Decision.No;
    }
    if (!this.isRenewal && this.#asks === 0 && this.trouble === undefined)
      hal.log('info', `asking for a certificate as ${config.deviceId}: register it with its one-time password`);
    if (this.#key === undefined) {
      this.#key = makeKey((into) => hal.secureRandom(into), this.#arithmetic);
      this.#body = requestBody(this.agent, this.#key, this.#arithmetic);
    }
    const ask = this.isRenewal ? askNext : askFirst;
    this.send(ask(this.agent, this.#body, () => this.fire(Signal.Ended)));
    return undefined;
  }

  judge(): Decision {
    const { hal, config } = this.agent;
    const enquiry = this.end();
    const key = this.#key;
    if (enquiry === undefined || key === undefined || enquiry.head?.isSuccess !== true) {
      this.refused(enquiry);
      return Decision.No;
    }
    const found = certificateOf(enquiry, key, config.deviceId, hal.clock.now());
    // The key was for this answer only.
    this.#key = undefined;
    this.#body = NO_BYTES;
    if (typeof found === 'string') {
      this.complain(found);
      return Decision.No;
    }
    if (!keepSlot(hal.store, CANDIDATE, key, found)) {
      this.complain('the flash refuses the certificate');
      return Decision.No;
    }
    this.endTrouble(true);
    return Decision.Yes;
  }

  prove(): undefined {
    this.send(askToken(this.agent, CANDIDATE, () => this.fire(Signal.Ended)));
    return undefined;
  }

  proven(): Decision {
    const { hal } = this.agent;
    const enquiry = this.end();
    if (enquiry !== undefined && hasToken(enquiry)) {
      this.endTrouble(true);
      return Decision.Yes;
    }
    const reason = `the new certificate gives no token: ${faultOf(enquiry)}`;
    // The certificate in use stays. Without one, the new certificate stays: the refusal may be a mistake.
    if (isRefusal(enquiry) && this.#facts !== undefined) {
      hal.store.delete(CANDIDATE);
      this.complain(reason);
      return Decision.No;
    }
    this.failAt(Enrol.Proven, 'certificate', reason, enquiry?.head?.retryAfterMs(hal.clock.now()));
    this.fireAfter(Math.max(isRefusal(enquiry) ? MOST_WAIT_MS : 0, this.resumeTicks - hal.clock.ticks()));
    return Decision.Again;
  }

  promote(): Decision | undefined {
    const { hal, board } = this.agent;
    const isFirst = this.#facts === undefined;
    if (!promote(hal.store)) {
      this.fireAfter(KEEP_RETRY_MS);
      return undefined;
    }
    this.#facts = readSlot(hal.store, CURRENT);
    this.#isAnew = false;
    const text = `${isFirst ? 'The device has got a certificate' : 'The certificate was replaced'}, good until ${this.endDay}`;
    hal.log('info', text);
    board.event(isFirst ? 'fractus_CertificateEnrolled' : 'fractus_CertificateRenewed', text);
    board.clear(ALARM);
    this.#isWarned = false;
    return Decision.Yes;
  }

  inUse(): undefined {
    this.begin();
    const { hal, uplink } = this.agent;
    const now = hal.clock.now();
    const dueMs = this.momentOf(RENEW_AT);
    const isSoon = now === undefined || now >= dueMs || uplink.user === '';
    const waitMs = isSoon ? SOON_MS : Math.min(dueMs - now, LOOK_MS);
    // With jitter: a fleet that was set up together does not renew in one moment.
    this.fireAfter(Math.round(Math.max(1000, waitMs) * (1 + hal.random() / 10)));
    return undefined;
  }

  due(): Decision {
    if (!this.isRenewal) return Decision.Yes;
    const now = this.agent.hal.clock.now();
    return now !== undefined && now >= this.momentOf(RENEW_AT) ? Decision.Yes : Decision.No;
  }

  /**
   * A renewal uses the device's own token, even if its certificate has expired. Without a token the platform does not
   * accept the certificate: it has expired, perhaps without this device knowing the time, or it was revoked. Then only
   * another one-time password helps.
   */
  private get isRenewal(): boolean {
    return this.#facts !== undefined && this.agent.uplink.user !== '' && !this.#isAnew;
  }

  /** The moment when this part of the certificate's life is over. */
  private momentOf(part: number): number {
    const { notBeforeMs = 0, notAfterMs = 0 } = this.#facts ?? {};
    return notBeforeMs + (notAfterMs - notBeforeMs) * part;
  }

  private get endDay(): string {
    return dayOf(this.#facts?.notAfterMs ?? 0);
  }

  private begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#inner.start();
  }

  /** Needs one connection more than there is memory for, except on a device that has no other one yet. */
  private send(enquiry: Enquiry): void {
    this.#enquiry = enquiry;
    if (this.#hasBegun) this.agent.uplink.transfers.enter(this);
    enquiry.start();
  }

  /** Ends the current request, and returns it. */
  private end(): Enquiry | undefined {
    const enquiry = this.#enquiry;
    if (enquiry === undefined) return undefined;
    enquiry.stop();
    this.#enquiry = undefined;
    this.agent.uplink.transfers.leave(this);
    if (enquiry.head !== undefined) this.agent.uplink.onTrouble(ANSWERED);
    return enquiry;
  }

  /** Handles a refusal, or a missing answer. */
  private refused(enquiry: Enquiry | undefined): void {
    const { hal, config } = this.agent;
    const isRefused = isRefusal(enquiry);
    const isUnknown = isRefused && enquiry?.head?.status === 401 && !this.isRenewal;
    if (isUnknown && this.#facts === undefined) {
      // Not registered yet, or with another password: the platform does not tell them apart.
      this.endTrouble(false);
      const waitMs = patienceMs(this.#asks++, hal.clock.ticks() - this.#sinceTicks);
      if (this.#asks === 1) hal.log('warn', `${config.deviceId} ${UNKNOWN}: asking again`);
      this.fireAfter(Math.round(waitMs * (0.75 + 0.25 * hal.random())));
    } else if (isRefused) this.complain(isUnknown ? UNKNOWN : refusalText(enquiry));
    else {
      this.failAt(Enrol.Judge, 'certificate', faultOf(enquiry), enquiry?.head?.retryAfterMs(hal.clock.now()));
      this.fireAfter(Math.max(0, this.resumeTicks - hal.clock.ticks()));
      this.warnOfEnd(faultOf(enquiry));
    }
  }

  /** Reports a failure that needs a person. */
  private complain(reason: string): void {
    const { hal } = this.agent;
    const now = hal.clock.now() ?? 0;
    const leftMs = this.isRenewal ? this.momentOf(1) - now : 0;
    const leastMs = Math.max(MOST_WAIT_MS, Math.min(REFUSED_MS, leftMs / 4)) * (1 + hal.random() / 2);
    // Nobody knows whether a renewal or the one-time password helps, so they alternate.
    this.#isAnew = now >= (this.#facts?.notAfterMs ?? Infinity) && !this.#isAnew;
    if (this.trouble === undefined)
      hal.log('error', `certificate: ${reason}; next try in ${Math.ceil(leastMs / 1000)} s`);
    this.failAt(Enrol.Judge, 'certificate', reason);
    this.fireAfter(Math.round(Math.max(leastMs, this.resumeTicks - hal.clock.ticks())));
    this.warnOfEnd(reason);
  }

  private warnOfEnd(reason: string): void {
    const now = this.agent.hal.clock.now();
    if (this.#isWarned || this.#facts === undefined || now === undefined || now < this.momentOf(ALARM_AT)) return;
    // With the first reason only: each new text would be written to flash.
    this.#isWarned = true;
    const text = `The certificate of this device ends on ${this.endDay}, and it gets no other one: ${reason}`;
    this.agent.board.alarm(ALARM, 'MAJOR', text);
  }

  private describe(): string {
    if (this.#facts === undefined) return 'certificate: none, requested\n';
    const lines = `certificate: ${this.#facts.name}, until ${this.endDay}, replaced from ${dayOf(this.momentOf(RENEW_AT))}\n`;
    return this.trouble === undefined ? lines : `${lines}${this.trouble.text}\n`;
  }
}
