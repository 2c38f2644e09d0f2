// SPDX-License-Identifier: Apache-2.0
/*
 * What of a chip's memory has been taken at most: of the block of a C3 by slots and chunks, which grow only when what is live does
 * not fit, of the engine's stack, which is painted, of the stack of its task, and of ESP-IDF's heap; and how large this heap is.
 */
#include "xsAll.h"
#include "xs.h"
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

extern void fractus_console_write(void *bytes, uint32_t size);

#define PAINT 0xA5
/* What a call of this depth uses of the engine's stack, and more. */
#define IN_USE_SLOTS 16

void fractus_memory_watch(xsMachine *the)
{
	c_memset(the->stackBottom, PAINT, (the->stack - IN_USE_SLOTS - the->stackBottom) * sizeof(txSlot));
}

static int is_painted(const txU1 *slot)
{
	unsigned at;
	for (at = 0; at < sizeof(txSlot); at++)
		if (slot[at] != PAINT)
			return 0;
	return 1;
}

/*
 * From the top, for regular expressions use what is free of it from the bottom on. Where one has used all, nothing can be seen, and
 * what was seen before stands.
 */
static int most_stack(txMachine *the)
{
	static int most = 0;
	txSlot *slot = the->stack;
	int painted = 0;
	while (slot > the->stackBottom && painted < IN_USE_SLOTS) {
		slot--;
		painted = is_painted((txU1 *)slot) ? painted + 1 : 0;
	}
	if (painted == IN_USE_SLOTS && most < the->stackTop - (slot + painted))
		most = the->stackTop - (slot + painted);
	fractus_memory_watch(the);
	return most;
}

void fractus_memory_report(xsMachine *the)
{
	char line[96];
	int length = snprintf(line, sizeof(line), "memory: %d,%d,%d,%d,%d,%d\r\n", (int)the->maximumHeapCount, (int)the->maximumChunksSize,
		most_stack(the), (int)uxTaskGetStackHighWaterMark(NULL), (int)esp_get_minimum_free_heap_size(),
		(int)heap_caps_get_total_size(MALLOC_CAP_DEFAULT));
	fractus_console_write(line, length);
}
