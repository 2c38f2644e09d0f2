// SPDX-License-Identifier: Apache-2.0
/* Frames over file descriptor 3. Output is buffered and leaves when the host waits for input. */
#include "host.h"

#define CHANNEL_FD 3

static uint8_t outBytes[64 * 1024];
static size_t outSize = 0;
static Frame* firstWaiting = NULL;
static Frame** lastWaiting = &firstWaiting;

static void flushOut(void)
{
	size_t from = 0;
	while (from < outSize) {
		ssize_t count = write(CHANNEL_FD, outBytes + from, outSize - from);
		if (count > 0)
			from += (size_t)count;
		else if (errno != EINTR)
			exit(0); /* the parent is gone */
	}
	outSize = 0;
}

static void put(const void* bytes, size_t size)
{
	const uint8_t* from = bytes;
	while (size > 0) {
		size_t room = sizeof(outBytes) - outSize;
		size_t count = size < room ? size : room;
		memcpy(outBytes + outSize, from, count);
		outSize += count;
		from += count;
		size -= count;
		if (outSize == sizeof(outBytes))
			flushOut();
	}
}

void channelSend(FrameHeader header, const void* text, uint32_t textSize, const void* bytes, uint32_t bytesSize)
{
	header.size = textSize + bytesSize;
	header.boot = host.boot;
	put(&header, sizeof(header));
	put(text, textSize);
	put(bytes, bytesSize);
}

static void get(void* bytes, size_t size)
{
	static uint8_t inBytes[64 * 1024];
	static size_t inFrom = 0, inTo = 0;
	uint8_t* to = bytes;
	while (size > 0) {
		if (inFrom == inTo) {
			flushOut();
			ssize_t count = read(CHANNEL_FD, inBytes, sizeof(inBytes));
			if (count == 0 || (count < 0 && errno != EINTR))
				exit(0); /* the parent is gone */
			inFrom = 0;
			inTo = count > 0 ? (size_t)count : 0;
		}
		size_t count = inTo - inFrom < size ? inTo - inFrom : size;
		memcpy(to, inBytes + inFrom, count);
		inFrom += count;
		to += count;
		size -= count;
	}
}

static Frame* readFrame(void)
{
	FrameHeader header;
	get(&header, sizeof(header));
	if (header.size > FRAME_MAX_BYTES) {
		fprintf(stderr, "xs host: a frame of %u bytes is longer than %d\n", header.size, FRAME_MAX_BYTES);
		exit(1);
	}
	/* One extra byte, so that a payload can be read as a C string. */
	Frame* frame = malloc(sizeof(Frame) + header.size + 1);
	if (!frame) {
		fprintf(stderr, "xs host: no memory for a frame of %u bytes\n", header.size);
		exit(1);
	}
	frame->header = header;
	frame->next = NULL;
	get(frame->bytes, header.size);
	frame->bytes[header.size] = 0;
	return frame;
}

Frame* channelReceive(void)
{
	Frame* frame = firstWaiting;
	if (!frame)
		return readFrame();
	firstWaiting = frame->next;
	if (!firstWaiting)
		lastWaiting = &firstWaiting;
	return frame;
}

Frame* channelAwaitReply(void)
{
	for (;;) {
		Frame* frame = readFrame();
		if (frame->header.kind == FromParentReply)
			return frame;
		/* Bounded: the parent sends at most the windows of the streams, and one event per timer. */
		*lastWaiting = frame;
		lastWaiting = &frame->next;
	}
}
