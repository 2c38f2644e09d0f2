// SPDX-License-Identifier: Apache-2.0
/*
 * When `main` has returned, and on SIGUSR1 from then on: how much of the machine's heap has been in use at most since the
 * last time, and how much is live now. With C_FLAGS=-DmxStress=1 garbage is collected before each allocation, so that
 * nothing in use is garbage.
 */
#include "xsAll.h"
#include "xs.h"
#include <glib-unix.h>

#if mxStress
extern int gxStress;
#endif

static void report(txMachine* the)
{
	int mostSlots = the->peakHeapCount, mostChunkBytes = the->peakChunksSize;
	fxCollectGarbage(the);
	printf("memory: %d,%d,%d,%d,%d\n", mostSlots, mostChunkBytes, (int)(the->stackTop - the->stackPeak),
		(int)the->currentHeapCount, (int)the->currentChunksSize);
	fflush(stdout);
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
}

static gboolean onSignal(gpointer it)
{
	report(it);
	return G_SOURCE_CONTINUE;
}

void fractus_memory_watch(xsMachine* the)
{
#if mxStress
	gxStress = 1;
#endif
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
}

void fractus_memory_report(xsMachine* the)
{
	g_unix_signal_add(SIGUSR1, onSignal, the);
	report(the);
}
