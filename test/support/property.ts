// SPDX-License-Identifier: Apache-2.0

import fc from 'fast-check';
import { THOROUGH } from './thorough.ts';

// `npm test` tries the same inputs each time, so that it fails by what was changed and not by chance; the nightly run tries others.
if (!THOROUGH) fc.configureGlobal({ seed: 20_261_129 });

export default fc;
