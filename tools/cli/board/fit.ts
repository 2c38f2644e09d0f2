// SPDX-License-Identifier: Apache-2.0

import { type ImageSize, imageTable, misfit, narrow } from '../../moddable/firmware/image.ts';

/** Shows the parts of an image. @throws Error when it does not fit its slot */
export function showImage(size: ImageSize): void {
  for (const line of imageTable(size)) console.log(line);
  const trouble = misfit(size);
  if (trouble !== undefined) throw new Error(trouble);
  const warning = narrow(size);
  if (warning !== undefined) console.log(warning);
}
