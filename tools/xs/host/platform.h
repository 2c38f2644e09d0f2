// SPDX-License-Identifier: Apache-2.0
/*
 * The platform of XS, for a Linux or macOS process that plays an ESP32. XS includes this file by name (-DXSPLATFORM),
 * before its own headers.
 */
#ifndef FRACTUS_XS_PLATFORM_H
#define FRACTUS_XS_PLATFORM_H

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef mxLittleEndian
#define mxLittleEndian 1
#if defined(__linux__)
	#undef mxLinux
	#define mxLinux 1
#else
	#undef mxMacOSX
	#define mxMacOSX 1
#endif
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultMachinePlatform 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultChunkAllocation 1
#define mxUseDefaultSlotAllocation 1
#define mxUseDefaultFindModule 1
#define mxUseDefaultLoadModule 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	int promiseJobs;

/* Identifiers take 16 bits on a microcontroller; the slots of a 64-bit machine need 32. */
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

/* An ESP32 starts a Map with one bucket; the same here, so that the figures agree. */
#define mxTableMinLength (1)

/* Date reads the clock of the virtual board, so that virtual time applies to it. */
#define c_timeval struct timeval
#define c_timezone timezone
#define c_gettimeofday hostGetTimeOfDay
extern int hostGetTimeOfDay(struct timeval* tv, void* zone);

#endif
