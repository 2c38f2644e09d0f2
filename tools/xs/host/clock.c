// SPDX-License-Identifier: Apache-2.0
/* The clock of the board: set from the parent at each frame; in real time it continues between frames. */
#include "host.h"

static struct {
	int isVirtual;
	double ticksMs;         /* virtual time */
	double offsetMs;        /* real time: added to the monotonic clock */
	double nowMinusTicksMs; /* NaN while the time is unknown */
} boardClock = { .nowMinusTicksMs = NAN };

static double monotonicMs(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000.0 + now.tv_nsec / 1e6;
}

static void setTicks(double ticksMs)
{
	boardClock.ticksMs = ticksMs;
	boardClock.offsetMs = ticksMs - monotonicMs();
}

double clockTicksMs(void)
{
	return boardClock.isVirtual ? boardClock.ticksMs : floor(monotonicMs() + boardClock.offsetMs);
}

double clockNowMs(void)
{
	return clockTicksMs() + boardClock.nowMinusTicksMs;
}

void clockStart(const FrameHeader* header, int isVirtual)
{
	boardClock.isVirtual = isVirtual;
	setTicks(header->ticksMs);
	clockSet(header);
}

void clockSet(const FrameHeader* header)
{
	/* Never behind the parent's clock: a timer that is due there must be due here. Never backwards either. */
	if (header->ticksMs > clockTicksMs())
		setTicks(header->ticksMs);
	boardClock.nowMinusTicksMs = header->nowMs - header->ticksMs;
}

int hostGetTimeOfDay(struct timeval* tv, void* zone)
{
	(void)zone;
	double ms = isnan(boardClock.nowMinusTicksMs) ? clockTicksMs() : clockNowMs();
	tv->tv_sec = (time_t)(ms / 1000);
	tv->tv_usec = (suseconds_t)((ms - tv->tv_sec * 1000.0) * 1000);
	return 0;
}
