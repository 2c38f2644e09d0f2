// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES } from '../../bytes/text.ts';
import { identityOf } from '../../http/request.ts';
import { targetOf } from '../uplink/target.ts';
import { Token } from '../uplink/token.ts';
import type { Part } from './part.ts';

/** Authentication with an X.509 certificate and tokens, for `auth=certificate`. Without it only `auth=basic` works. */
export const certificate: Part = {
  certificate(agent, lines) {
    const { config } = agent;
    const { tokenEndpoint, ca } = config;
    const tls = { ca, certificate: config.given('certificate'), privateKey: config.given('privateKey') };
    const line = lines.line('token', targetOf(tokenEndpoint, tls));
    line.identify(identityOf(ascii(tokenEndpoint.authority), NO_BYTES));
    return new Token(agent, line);
  },
};
