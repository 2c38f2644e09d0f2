// SPDX-License-Identifier: Apache-2.0

import { writeProject } from './bench.ts';

/** The product of an author whose app does, in the version that the key `acme_deed` names, what the key says. */
export function writeDeeds(version: string): string {
  return writeProject(
    'deeds',
    version,
    `import { app as usual, start } from 'fractus/board';
     import { withSettings } from 'fractus/settings';

     const settings = { acme_deed: { kind: 'text', value: 'nothing', meaning: 'what goes wrong: version and deed' } };
     const kept: unknown[] = [];

     const app = withSettings(settings, (board, { values }) => {
       board.hal.log('info', 'deeds ${version}');
       usual(board);
       const later = (act: () => void) => board.hal.createTimer(act).start(1000);
       switch (String(values.acme_deed)) {
         case '${version} throw':
           throw new Error('no such part');
         case '${version} spin':
           later(() => {
             for (;;);
           });
           break;
         case '${version} fill':
           later(() => {
             for (;;) kept.push(new Uint8Array(500));
           });
       }
     });

     export default function main(): void {
       start(app);
     }
    `,
  );
}
