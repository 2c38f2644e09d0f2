// SPDX-License-Identifier: Apache-2.0
/** Icons as drawings, because no font has them all. */

/** Strokes on a field of 20 × 20. */
const paths = {
  play: 'M6 4v12l10-6z',
  pause: 'M7 4v12M13 4v12',
  back: 'M15 4v12l-8-6zM5 4v12',
  on: 'M5 4v12l8-6zM15 4v12',
  close: 'm5 5 10 10M15 5 5 15',
  auto: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  light:
    'M10 6.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600 16 16M4 16l1.400-1.400M14.600 5.400 16 4',
  dark: 'M16.500 12.500A7 7 0 0 1 7.500 3.500a7 7 0 1 0 9 9z',
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
