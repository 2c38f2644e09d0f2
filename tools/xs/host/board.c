// SPDX-License-Identifier: Apache-2.0
/*
 * The functions of the global `xsHost`; their types are in hal/xs/host.ts. Only `text` and `flash` allocate on the heap
 * of XS.
 */
#include "host.h"

typedef struct Resource {
	struct Resource* next;
	uint8_t bytes[];
} Resource;

static Resource* resources = NULL;
static txSlot listener;
static txID eventID;

/* Arguments --------------------------------------------------------------------------------------------------- */

extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

/* On a device, a native call while the image is built is an error of the linker. */
static void checkRunning(txMachine* the)
{
	if (the != host.app)
		mxUnknownError("unavailable function: xsHost cannot be called while the bundle is evaluated");
}

static txInteger argInteger(txMachine* the, int i)
{
	return mxArgc > i ? fxToInteger(the, mxArgv(i)) : 0;
}

static uint8_t* checkRange(txMachine* the, uint8_t* bytes, txUnsigned size, txInteger from, txInteger to)
{
	if (from < 0 || to < from || (txUnsigned)to > size)
		mxRangeError("[%d, %d) is not within %u bytes", (int)from, (int)to, (unsigned)size);
	return bytes + from;
}

/* Bytes [from, to) of the view that is argument `i`; the two bounds follow it. Valid until XS allocates. */
static uint8_t* argView(txMachine* the, int i, txBoolean writable, uint32_t* size)
{
	void* bytes;
	txUnsigned count;
	txInteger from = argInteger(the, i + 1), to = argInteger(the, i + 2);
	_xsmcGetBuffer(the, mxArgv(i), &bytes, &count, writable);
	*size = (uint32_t)(to - from);
	return checkRange(the, bytes, count, from, to);
}

static void returnNumber(txMachine* the, double value)
{
	if (value == (txInteger)value && !(value == 0 && signbit(value))) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = (txInteger)value;
	}
	else {
		mxResult->kind = XS_NUMBER_KIND;
		mxResult->value.number = value;
	}
}

/* Messages ---------------------------------------------------------------------------------------------------- */

/* (op, id, arg, value?, text?, view?, from?, to?) */
static void sendFrame(txMachine* the, uint8_t kind)
{
	FrameHeader header = { .kind = kind };
	const char* text = "";
	const uint8_t* bytes = (const uint8_t*)"";
	uint32_t bytesSize = 0;
	checkRunning(the);
	header.op = (uint16_t)argInteger(the, 0);
	header.id = argInteger(the, 1);
	header.arg = argInteger(the, 2);
	if (mxArgc > 3)
		header.value = fxToNumber(the, mxArgv(3));
	if (mxArgc > 4 && mxArgv(4)->kind != XS_UNDEFINED_KIND)
		text = fxToString(the, mxArgv(4));
	if (mxArgc > 5 && mxArgv(5)->kind != XS_UNDEFINED_KIND)
		bytes = argView(the, 5, 0, &bytesSize);
	uint32_t textSize = (uint32_t)strlen(text);
	if (textSize > FRAME_MAX_BYTES - bytesSize)
		mxRangeError("%u bytes are more than the board can take at once", textSize + bytesSize);
	channelSend(header, text, textSize, bytes, bytesSize);
}

static void xsHost_send(txMachine* the)
{
	sendFrame(the, ToParentSend);
}

static void xsHost_call(txMachine* the)
{
	sendFrame(the, ToParentCall);
	free(host.inbox);
	host.inbox = channelAwaitReply();
	FrameHeader* header = &host.inbox->header;
	clockSet(header);
	switch (header->op) {
	case 0: returnNumber(the, header->value); break;
	case 1: mxRangeError("%s", host.inbox->bytes); break;
	case 2: mxTypeError("%s", host.inbox->bytes); break;
	default: mxUnknownError("%s", host.inbox->bytes); break;
	}
}

static void xsHost_listen(txMachine* the)
{
	checkRunning(the);
	fxForget(the, &listener);
	listener.kind = mxArgv(0)->kind;
	listener.value = mxArgv(0)->value;
	fxRemember(the, &listener);
}

/* Inbox: the payload of the last reply, or of the current event. */

static void xsHost_length(txMachine* the)
{
	returnNumber(the, host.inbox ? host.inbox->header.size : 0);
}

static void xsHost_text(txMachine* the)
{
	if (host.inbox)
		fxStringBuffer(the, mxResult, (txString)host.inbox->bytes, (txSize)host.inbox->header.size);
}

static void xsHost_copy(txMachine* the)
{
	checkRunning(the);
	uint32_t size;
	uint8_t* to = argView(the, 0, 1, &size);
	if (host.inbox && size > host.inbox->header.size)
		size = host.inbox->header.size;
	if (host.inbox)
		memcpy(to, host.inbox->bytes, size);
}

static void xsHost_number(txMachine* the)
{
	double value = NAN;
	txInteger i = argInteger(the, 0);
	if (host.inbox && i >= 0 && (i + 1) * sizeof(double) <= host.inbox->header.size)
		memcpy(&value, host.inbox->bytes + i * sizeof(double), sizeof(double));
	returnNumber(the, value);
}

/* The payload as a read-only buffer outside of the heap, like a resource in flash. */
static void xsHost_flash(txMachine* the)
{
	checkRunning(the);
	uint32_t size = host.inbox ? host.inbox->header.size : 0;
	Resource* resource = malloc(sizeof(Resource) + size + 1);
	if (!resource)
		mxUnknownError("no memory for a resource of %u bytes", size);
	if (size)
		memcpy(resource->bytes, host.inbox->bytes, size);
	resource->next = resources;
	resources = resource;
	fxNewHostObject(the, NULL);
	fxSetHostBuffer(the, the->stack, resource->bytes, (txSize)size);
	fxPetrifyHostBuffer(the, the->stack);
	mxPullSlot(mxResult);
}

/* Streams ----------------------------------------------------------------------------------------------------- */

static void xsHost_open(txMachine* the)
{
	checkRunning(the);
	returnNumber(the, streamOpen(argInteger(the, 0)));
}

static void xsHost_close(txMachine* the)
{
	checkRunning(the);
	streamClose(argInteger(the, 0));
}

static void xsHost_read(txMachine* the)
{
	checkRunning(the);
	uint32_t size;
	uint8_t* to = argView(the, 1, 1, &size);
	returnNumber(the, streamRead(argInteger(the, 0), to, (int)size));
}

/* The rest of the board --------------------------------------------------------------------------------------- */

static void xsHost_ticks(txMachine* the)
{
	checkRunning(the);
	returnNumber(the, clockTicksMs());
}

/* NaN while unknown */
static void xsHost_now(txMachine* the)
{
	checkRunning(the);
	returnNumber(the, clockNowMs());
}

static void xsHost_freeBytes(txMachine* the)
{
	checkRunning(the);
	returnNumber(the, (the->maximumHeapCount - the->currentHeapCount) * 16.0 + (the->maximumChunksSize - the->currentChunksSize));
}

static void xsHost_largestFreeBlockBytes(txMachine* the)
{
	checkRunning(the);
	returnNumber(the, the->firstBlock->limit - the->firstBlock->current);
}

static void xsHost_halt(txMachine* the)
{
	checkRunning(the);
	host.halted = 1;
	snprintf(host.haltReason, sizeof(host.haltReason), "%s", fxToString(the, mxArgv(0)));
}

void boardInstall(txMachine* the)
{
	static const struct { const char* name; txCallback call; txInteger length; } functions[] = {
		{ "listen", xsHost_listen, 1 },
		{ "send", xsHost_send, 8 },
		{ "call", xsHost_call, 8 },
		{ "length", xsHost_length, 0 },
		{ "text", xsHost_text, 0 },
		{ "copy", xsHost_copy, 3 },
		{ "number", xsHost_number, 1 },
		{ "flash", xsHost_flash, 0 },
		{ "open", xsHost_open, 1 },
		{ "close", xsHost_close, 1 },
		{ "read", xsHost_read, 4 },
		{ "ticks", xsHost_ticks, 0 },
		{ "now", xsHost_now, 0 },
		{ "freeBytes", xsHost_freeBytes, 0 },
		{ "largestFreeBlockBytes", xsHost_largestFreeBlockBytes, 0 },
		{ "halt", xsHost_halt, 1 },
	};
	eventID = fxID(the, "event");
	fxBeginHost(the);
	mxPush(mxObjectPrototype);
	txSlot* property = fxLastProperty(the, fxNewObjectInstance(the));
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		txID id = fxID(the, (txString)functions[i].name);
		property = fxNextHostFunctionProperty(the, property, functions[i].call, functions[i].length, id,
			XS_DONT_DELETE_FLAG | XS_DONT_ENUM_FLAG | XS_DONT_SET_FLAG);
	}
	the->stack->value.reference->flag |= XS_DONT_PATCH_FLAG;
	property = mxBehaviorSetProperty(the, mxGlobal.value.reference, fxID(the, "xsHost"), 0, XS_OWN);
	property->flag = XS_DONT_ENUM_FLAG;
	property->kind = the->stack->kind;
	property->value = the->stack->value;
	mxPop();
	fxEndHost(the);
}

void boardDispatch(txMachine* the, Frame* frame)
{
	FrameHeader* header = &frame->header;
	int arg = header->arg;
	if (header->op == OpStreamData && (arg = streamReceive(frame)) < 0)
		return;
	if (listener.kind != XS_REFERENCE_KIND)
		return;
	fxBeginHost(the);
	mxPush(listener);
	fxCallID(the, eventID);
	mxPushInteger(header->op);
	mxPushInteger(header->id);
	mxPushInteger(arg);
	mxPushNumber(header->value);
	mxRunCount(4);
	mxPop();
	fxEndHost(the);
}

void boardReset(txMachine* the)
{
	fxForget(the, &listener);
	listener.kind = XS_UNDEFINED_KIND;
	streamCloseAll();
	while (resources) {
		Resource* resource = resources;
		resources = resource->next;
		free(resource);
	}
}
