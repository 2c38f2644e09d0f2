// SPDX-License-Identifier: Apache-2.0
/* Life of the machines. The root is evaluated once and becomes flash; each boot clones the machine of the agent. */
#include "host.h"

#include <signal.h>
#if defined(__linux__)
	#include <sys/prctl.h>
#endif

Host host;

/* Called by XS -------------------------------------------------------------------------------------------------- */

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

/* Running ------------------------------------------------------------------------------------------------------- */

typedef void (*Step)(txMachine* the, Frame* frame);

/* Runs one event to its end, with all promise jobs it starts, in one budget of byte codes. */
static void runEvent(txMachine* the, Step step, Frame* frame)
{
	accountBeginEvent(the);
	{
		mxTry(the) {
			(*step)(the, frame);
			while (the->promiseJobs) {
				the->promiseJobs = 0;
				fxRunPromiseJobs(the);
			}
			/* XS itself would only notice after a collection. */
			fxCheckUnhandledRejections(the, 1);
		}
		mxCatch(the) {
			if (!host.abortKind) {
				host.abortKind = AbortUnhandledException;
				the->meterInterval = 0;
				abortDescribe(the);
			}
		}
	}
	accountEndEvent(the);
}

static void sendAborted(void)
{
	FrameHeader header = { .kind = ToParentAborted, .arg = host.abortKind };
	channelSend(header, host.abortText, (uint32_t)strlen(host.abortText), "", 0);
}

/* Root ---------------------------------------------------------------------------------------------------------- */

static char* bundle;

static void evaluate(txMachine* the, Frame* frame)
{
	(void)frame;
	txStringCStream stream = { .buffer = bundle, .offset = 0, .size = (txSize)strlen(bundle) };
	boardInstall(the);
	fxBeginHost(the);
	txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
	fxRunScript(the, fxParseScript(the, &stream, fxStringCGetter, mxProgramFlag), mxRealmGlobal(realm), C_NULL,
		mxRealmClosures(realm)->value.reference, C_NULL, mxProgram.value.reference);
	mxPop();
	fxEndHost(the);
}

static char* readBundle(const char* path)
{
	FILE* file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END)) {
		fprintf(stderr, "xs host: cannot read %s: %s\n", path, strerror(errno));
		exit(1);
	}
	long size = ftell(file);
	char* text = malloc((size_t)size + 1);
	rewind(file);
	if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) {
		fprintf(stderr, "xs host: cannot read %s\n", path);
		exit(1);
	}
	text[size] = 0;
	fclose(file);
	return text;
}

/* Flash is large and never grows: preload.c relies on one block of slots. */
static txMachine* createRoot(void)
{
	txCreation creation = {
		.initialChunkSize = 4 * 1024 * 1024, .incrementalChunkSize = 1024 * 1024,
		.initialHeapCount = 96 * 1024, .incrementalHeapCount = 0,
		.stackCount = 4096, .initialKeyCount = 4096, .incrementalKeyCount = 1024,
		.nameModulo = 127, .symbolModulo = 127, .parserBufferSize = 64 * 1024, .parserTableModulo = 1993,
	};
	txMachine* root = fxCreateMachine(&creation, "root", NULL, XS_NO_ID);
	if (!root) {
		fprintf(stderr, "xs host: no memory for the machine\n");
		exit(1);
	}
	preloadBegin(root);
	accountStart(root);
	runEvent(root, evaluate, NULL);
	const char* obstacle = host.abortKind ? NULL : preloadShare(root);
	if (obstacle) {
		host.abortKind = AbortOther;
		snprintf(host.abortText, sizeof(host.abortText), "%s", obstacle);
	}
	if (host.abortKind) {
		sendAborted();
		return NULL;
	}
	return root;
}

/* The machine of the agent -------------------------------------------------------------------------------------- */

static void startAgent(txMachine* the, Frame* frame)
{
	(void)frame;
	fxBeginHost(the);
	mxPush(mxGlobal);
	fxGetID(the, fxID(the, "bundle"));
	fxCallID(the, fxID(the, "main"));
	mxRunCount(0);
	mxPop();
	fxEndHost(the);
}

static void deleteApp(void)
{
	if (!host.app)
		return;
	boardReset(host.app);
	fxDeleteMachine(host.app);
	host.app = NULL;
}

/* After each event: ends an agent that has requested a restart or has failed. */
static void endIfOver(void)
{
	if (host.abortKind) {
		deleteApp();
		sendAborted();
	}
	else if (host.halted) {
		deleteApp();
		channelSend((FrameHeader){ .kind = ToParentHalted }, host.haltReason, (uint32_t)strlen(host.haltReason), "", 0);
	}
}

static void boot(txMachine* root, Frame* frame)
{
	txCreation creation = {
		.initialChunkSize = host.chunkBytes, .incrementalChunkSize = 0,
		.initialHeapCount = host.slots, .incrementalHeapCount = 0,
		.stackCount = host.stackSlots, .initialKeyCount = host.keys, .incrementalKeyCount = host.keyIncrement,
		.nameModulo = root->nameModulo, .symbolModulo = root->symbolModulo,
		.parserBufferSize = 64 * 1024, .parserTableModulo = 127,
	};
	deleteApp();
	host.boot = frame->header.boot;
	host.halted = 0;
	host.abortKind = NotAborted;
	clockStart(&frame->header, frame->header.arg);
	host.app = fxCloneMachine(&creation, root, "app", NULL);
	if (host.app) {
#if mxStress
		/* Collects at every allocation, which shows errors in the separation of flash and heap. */
		extern int gxStress;
		gxStress = 1;
#endif
		accountStart(host.app);
		runEvent(host.app, startAgent, NULL);
	}
	if (!host.abortKind)
		channelSend((FrameHeader){ .kind = ToParentStarted }, "", 0, "", 0);
	endIfOver();
}

static void measure(const FrameHeader* header)
{
	if (host.app)
		accountReport(host.app, header->id, header->arg);
	else
		channelSend((FrameHeader){ .kind = ToParentFigures, .id = header->id }, "", 0, "", 0);
}

static void serve(txMachine* root, Frame* frame)
{
	FrameHeader* header = &frame->header;
	switch (header->kind) {
	case FromParentBoot:
		boot(root, frame);
		break;
	case FromParentEvent:
		if (!host.app)
			break;
		clockSet(header);
		host.inbox = frame;
		runEvent(host.app, boardDispatch, frame);
		frame = host.inbox; /* a reply may have taken its place */
		host.inbox = NULL;
		endIfOver();
		break;
	case FromParentMeasure:
		measure(header);
		break;
	case FromParentSettle:
		channelSend((FrameHeader){ .kind = ToParentSettled, .id = header->id }, "", 0, "", 0);
		break;
	default:
		fprintf(stderr, "xs host: unknown frame %d\n", header->kind);
		exit(1);
	}
	free(frame);
}

static int number(const char* text)
{
	char* end;
	long value = strtol(text, &end, 10);
	if (*end || value < 0 || value > 1000000000) {
		fprintf(stderr, "xs host: \"%s\" is no number between 0 and 10^9\n", text);
		exit(1);
	}
	return (int)value;
}

int main(int argc, char* argv[])
{
	if (argc != 8) {
		fprintf(stderr, "xs host: BUNDLE SLOTS CHUNK-BYTES STACK-SLOTS KEYS KEY-INCREMENT BYTE-CODES-PER-EVENT, frames on descriptor 3\n");
		return 1;
	}
#if defined(__linux__)
	/* Also ends this process when the parent is killed during an endless loop of JavaScript. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	/* The parent handles signals to the process group, and ends this process in order. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);

	bundle = readBundle(argv[1]);
	host.slots = number(argv[2]);
	host.chunkBytes = number(argv[3]);
	host.stackSlots = number(argv[4]);
	host.keys = number(argv[5]);
	host.keyIncrement = number(argv[6]);
	host.byteCodesPerEvent = (uint32_t)number(argv[7]);

	txMachine* root = createRoot();
	if (root)
		channelSend((FrameHeader){ .kind = ToParentReady, .id = root->currentHeapCount, .arg = root->currentChunksSize,
			.value = sizeof(void*) * 8 }, "", 0, "", 0);
	for (;;) {
		Frame* frame = channelReceive();
		if (root)
			serve(root, frame);
		else
			free(frame);
	}
}
