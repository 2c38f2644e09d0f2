// SPDX-License-Identifier: Apache-2.0
/*
 * Exact counts of the allocations of the agent's machine, from the counters of XS. Slots and chunk bytes in use only
 * grow between two collections, so their growth since the last look is the number of allocations.
 */
#include "host.h"

static struct {
	double slots, chunkBytes, byteCodes, events; /* since the mark */
	uint32_t collections;                        /* since the mark */
	txSize baseSlots, baseChunkBytes, peakSlots, peakChunkBytes;
	txU2 lastCollection;
} account;

static void settleAccount(txMachine* the)
{
	account.slots += the->peakHeapCount - account.baseSlots;
	account.chunkBytes += the->peakChunksSize - account.baseChunkBytes;
	if (account.peakSlots < the->peakHeapCount)
		account.peakSlots = the->peakHeapCount;
	if (account.peakChunkBytes < the->peakChunksSize)
		account.peakChunkBytes = the->peakChunksSize;
	the->peakHeapCount = account.baseSlots = the->currentHeapCount;
	the->peakChunksSize = account.baseChunkBytes = the->currentChunksSize;
}

/* XS calls this at the end of each collection, and elsewhere: the build renames fxCheckProfiler to it. */
void hostCheckProfiler(txMachine* the, txSlot* frame)
{
	(void)frame;
	if (the != host.app || the->garbageCollectionCount == account.lastCollection)
		return;
	account.lastCollection = the->garbageCollectionCount;
	account.collections++;
	settleAccount(the);
}

static void mark(txMachine* the)
{
	settleAccount(the);
	account.slots = account.chunkBytes = account.byteCodes = account.events = 0;
	account.collections = 0;
	account.peakSlots = the->currentHeapCount;
	account.peakChunkBytes = the->currentChunksSize;
	the->stackPeak = the->stack;
}

void accountStart(txMachine* the)
{
	account.lastCollection = the->garbageCollectionCount;
	account.baseSlots = account.baseChunkBytes = 0;
	mark(the);
}

static txBoolean overBudget(txMachine* the, txU4 index)
{
	(void)the;
	(void)index;
	return 0;
}

void accountBeginEvent(txMachine* the)
{
	the->meterIndex = 0;
	the->meterCount = host.byteCodesPerEvent;
	the->meterInterval = host.byteCodesPerEvent;
	the->meterCallback = overBudget;
	account.events++;
}

void accountEndEvent(txMachine* the)
{
	account.byteCodes += the->meterIndex;
	the->meterIndex = 0;
	the->meterInterval = 0;
}

void accountReport(txMachine* the, int32_t id, int32_t flags)
{
	if (flags & 1)
		fxCollectGarbage(the);
	settleAccount(the);
	/* In the order of XsFigures in tools/xs/figures.ts. */
	double figures[] = {
		the->currentHeapCount,
		the->currentChunksSize,
		account.slots,
		account.chunkBytes,
		account.peakSlots,
		account.peakChunkBytes,
		(double)(the->stackTop - the->stackPeak),
		account.collections,
		account.byteCodes,
		account.events,
		the->keyIndex - the->keyOffset,
		the->keyOffset,
		the->maximumHeapCount,
		the->maximumChunksSize,
	};
	channelSend((FrameHeader){ .kind = ToParentFigures, .id = id }, NULL, 0, figures, sizeof(figures));
	if (flags & 2)
		mark(the);
}

void accountDescribe(txMachine* the, char* text, size_t size)
{
	snprintf(text, size, "%d of %d slots, %d of %d chunk bytes, %d of %d stack slots, %d of %d keys",
		(int)the->currentHeapCount, (int)the->maximumHeapCount, (int)the->currentChunksSize,
		(int)the->maximumChunksSize, (int)(the->stackTop - the->stack), (int)(the->stackTop - the->stackBottom),
		(int)(the->keyIndex - the->keyOffset), (int)(the->keyCount - the->keyOffset));
}
