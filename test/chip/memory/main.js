// SPDX-License-Identifier: Apache-2.0
/* The firmware as it is, and what main.c sees of its memory, each second. */
import main from "fractus/main";
import Timer from "timer";

function watch() @ "fractus_memory_watch";
function report() @ "fractus_memory_report";

export default function () {
	watch();
	main();
	report();
	Timer.set(() => report(), 1000, 1000);
}
