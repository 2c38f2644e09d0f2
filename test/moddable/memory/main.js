// SPDX-License-Identifier: Apache-2.0
/* The firmware as it is, and what main.c does about its heap. */
import main from "fractus/main";

function watch() @ "fractus_memory_watch";
function report() @ "fractus_memory_report";

export default function () {
	watch();
	main();
	report();
}
