// SPDX-License-Identifier: Apache-2.0
/*
 * The XS host: one process that runs a bundle on XS inside the heap of an ESP32 and has its hardware remoted over
 * a socket (file descriptor 3) to the process that has started it.
 *
 *   channel.c   frames in both directions
 *   preload.c   turns an evaluated machine into read-only "flash"
 *   stripped.c  takes away what a board does not have
 *   account.c   bytes allocated, collections, byte codes
 *   streams.c   bytes that wait to be read
 *   clock.c     the time of the board
 *   abort.c     why the machine of the agent ended before its time
 *   board.c     the functions that JavaScript finds in `xsHost`
 *   host.c      life of the machines, and the loop
 */
#ifndef FRACTUS_XS_HOST_H
#define FRACTUS_XS_HOST_H

#include "xsAll.h"
#include "xsScript.h"

/* Frames ------------------------------------------------------------------------------------------------------ */

/* Little-endian, 40 bytes, then `size` bytes. The meaning of `op`, `id`, `arg` and `value` is hal/xs/protocol.ts. */
typedef struct {
	uint32_t size;
	uint8_t kind;
	uint8_t boot; /* which life of the agent it belongs to: what an ended one has sent is not for the next one */
	uint16_t op;
	int32_t id;
	int32_t arg;
	double value;
	double ticksMs; /* from the parent: the clock of the board at this frame */
	double nowMs;   /* NaN while the time is unknown */
} FrameHeader;

typedef struct Frame {
	FrameHeader header;
	struct Frame* next;
	uint8_t bytes[];
} Frame;

enum { FromParentBoot = 1, FromParentEvent, FromParentReply, FromParentMeasure, FromParentSettle };
enum { ToParentReady = 1, ToParentStarted, ToParentSend, ToParentCall, ToParentHalted, ToParentAborted, ToParentFigures, ToParentSettled };
/* The only operations that C handles: bytes of a stream, and the credit for bytes that were read. */
enum { OpStreamData = 1, OpStreamCredit = 2 };

#define FRAME_MAX_BYTES (1024 * 1024)

/* Writes a frame; its payload is `text` followed by `bytes`. */
void channelSend(FrameHeader header, const void* text, uint32_t textSize, const void* bytes, uint32_t bytesSize);
/*
 * Returns the oldest waiting frame; blocks after flushing the output. The caller frees it. Ends the process when the
 * parent is gone.
 */
Frame* channelReceive(void);
/* Returns the reply to a call; other frames wait. */
Frame* channelAwaitReply(void);

/* Streams ----------------------------------------------------------------------------------------------------- */

/* The number of sockets of an ESP32 (CONFIG_LWIP_MAX_SOCKETS), and the size of its TCP receive window. */
#define STREAM_COUNT 16
#define STREAM_WINDOW_BYTES 5760

/* Returns the window in bytes, or 0 while another stream uses the entry. */
int streamOpen(int32_t id);
void streamClose(int32_t id);
void streamCloseAll(void);
/* Returns the number of bytes read, and gives the parent credit for as many. */
int streamRead(int32_t id, uint8_t* to, int size);
/* Takes the bytes of a frame; returns the number of waiting bytes, or -1 when the stream is unknown. */
int streamReceive(const Frame* frame);

/* Clock ------------------------------------------------------------------------------------------------------- */

void clockStart(const FrameHeader* header, int isVirtual);
void clockSet(const FrameHeader* header);
double clockTicksMs(void);
/* NaN while the time is unknown. */
double clockNowMs(void);

/* The board --------------------------------------------------------------------------------------------------- */

typedef enum {
	NotAborted,
	AbortMemoryFull,
	AbortStackOverflow,
	AbortNotEnoughKeys,
	AbortTooMuchComputation,
	AbortUnhandledException,
	AbortUnhandledRejection,
	AbortDeadStrip,
	AbortOther,
} AbortKind;

typedef struct {
	/* Set by the command line. */
	int slots, chunkBytes, stackSlots, keys, keyIncrement;
	uint32_t byteCodesPerEvent;
	/* While a machine runs. */
	txMachine* app;
	uint8_t boot;
	Frame* inbox; /* the event or reply whose payload JavaScript may read */
	int halted;
	char haltReason[256];
	AbortKind abortKind;
	char abortText[1024];
} Host;

extern Host host;

/* Writes the text of the machine's exception to `host.abortText`. */
void abortDescribe(txMachine* the);

void boardInstall(txMachine* root);
/* Passes the event to JavaScript. */
void boardDispatch(txMachine* the, Frame* frame);
/* Releases streams, listener and resources of the machine that ends. */
void boardReset(txMachine* the);

/* Preload ----------------------------------------------------------------------------------------------------- */

/* Reserves slot 0 of the heap: see preload.c. */
void preloadBegin(txMachine* root);
/* Freezes constant objects and shares the machine, which cannot run afterwards; returns an obstacle, or NULL. */
const char* preloadShare(txMachine* root);

/* What a board lacks ------------------------------------------------------------------------------------------- */

/* Makes calls of built-ins that a board lacks end the machine. */
void stripHeap(txMachine* root);

/* Accounts ---------------------------------------------------------------------------------------------------- */

void accountStart(txMachine* the);
/* Starts the budget of byte codes of one event. */
void accountBeginEvent(txMachine* the);
void accountEndEvent(txMachine* the);
/* Sends the figures; `flags` 1: collects garbage first, 2: resets the counters afterwards. */
void accountReport(txMachine* the, int32_t id, int32_t flags);
/* Writes one line about the heap usage, for abort messages. */
void accountDescribe(txMachine* the, char* text, size_t size);

#endif
