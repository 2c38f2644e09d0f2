// SPDX-License-Identifier: Apache-2.0
/* The firmware of an author. */
import main from 'author';
import watch from 'watch';

export default () => watch(main);
