// SPDX-License-Identifier: Apache-2.0
/* What watch.c sees of the memory of a firmware, each second. */
import Timer from "timer";

function paint() @ "fractus_memory_watch";
function report() @ "fractus_memory_report";

export default function (main) {
	paint();
	main();
	report();
	Timer.set(() => report(), 1000, 1000);
}
