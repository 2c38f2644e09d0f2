// SPDX-License-Identifier: Apache-2.0
/* Received bytes of streams that are not read yet, outside of the heap of XS, as in the buffers of lwIP. */
#include "host.h"

typedef struct {
	int32_t id; /* 0: free */
	int from, to;
	uint8_t* bytes;
} Stream;

static Stream streams[STREAM_COUNT];

static Stream* placeOf(int32_t id)
{
	return &streams[(uint32_t)id % STREAM_COUNT];
}

static Stream* find(int32_t id)
{
	Stream* stream = placeOf(id);
	return id > 0 && stream->id == id ? stream : NULL;
}

int streamOpen(int32_t id)
{
	Stream* stream = placeOf(id);
	if (id <= 0 || stream->id)
		return 0;
	if (!stream->bytes && !(stream->bytes = malloc(STREAM_WINDOW_BYTES)))
		return 0;
	stream->id = id;
	stream->from = stream->to = 0;
	return STREAM_WINDOW_BYTES;
}

void streamClose(int32_t id)
{
	Stream* stream = find(id);
	if (stream)
		stream->id = 0;
}

void streamCloseAll(void)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		streams[i].id = 0;
}

int streamRead(int32_t id, uint8_t* to, int size)
{
	Stream* stream = find(id);
	int count = stream ? stream->to - stream->from : 0;
	if (count > size)
		count = size;
	if (count == 0)
		return 0;
	memcpy(to, stream->bytes + stream->from, (size_t)count);
	stream->from += count;
	channelSend((FrameHeader){ .kind = ToParentSend, .op = OpStreamCredit, .id = id, .arg = count }, "", 0, "", 0);
	return count;
}

int streamReceive(const Frame* frame)
{
	Stream* stream = find(frame->header.id);
	if (!stream)
		return -1;
	int waiting = stream->to - stream->from;
	if (frame->header.size > (uint32_t)(STREAM_WINDOW_BYTES - waiting)) {
		fprintf(stderr, "xs host: stream %d was sent more than its window\n", frame->header.id);
		exit(1);
	}
	memmove(stream->bytes, stream->bytes + stream->from, (size_t)waiting);
	memcpy(stream->bytes + waiting, frame->bytes, frame->header.size);
	stream->from = 0;
	stream->to = waiting + (int)frame->header.size;
	return stream->to;
}
