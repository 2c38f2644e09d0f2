// SPDX-License-Identifier: Apache-2.0
/* The firmware as it is. */
import main from "fractus/main";
import watch from "watch";

export default () => watch(main);
