// SPDX-License-Identifier: Apache-2.0
/** `npm run certify`: checks our device with all capabilities against the requirements, over HTTP. */

import { pathToFileURL } from 'node:url';
import { Tenant } from '../operate/tenant.ts';
import { startServer } from '../platform/server.ts';
import { readFacts } from './facts.ts';
import { type Judged, judgeAll, toLines } from './report.ts';
import { liveAll } from './specimen.ts';

export async function certifyOwn(): Promise<readonly Judged[]> {
  const { platform, device } = liveAll();
  const { tenant, name, password = '' } = platform.core.operator;
  const server = await startServer({ platform });
  try {
    return judgeAll(await readFacts(new Tenant(server.url, `${tenant}/${name}:${password}`), device.deviceId));
  } finally {
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const judged = await certifyOwn();
  console.log(toLines(judged));
  process.exitCode = judged.some(({ result }) => result === 'missed') ? 1 : 0;
}
