// SPDX-License-Identifier: Apache-2.0
/* Reports a machine that ends unexpectedly. */
#include "host.h"

void abortDescribe(txMachine* the)
{
	snprintf(host.abortText, sizeof(host.abortText), "an exception without text");
	mxTry(the) {
		mxOverflow(-4);
		mxPush(mxException);
		mxException = mxUndefined;
		if (the->stack->kind == XS_REFERENCE_KIND) {
			txSlot* error = the->stack->value.reference->next;
			if (error && error->kind == XS_ERROR_KIND)
				fxGetID(the, mxID(_stack));
		}
		snprintf(host.abortText, sizeof(host.abortText), "%s", fxToString(the, the->stack));
	}
	mxCatch(the) {
	}
}

/* Ends the machine of the agent, never the process: a board would restart. */
void fxAbort(txMachine* the, int status)
{
	static const AbortKind kinds[] = {
		[XS_NOT_ENOUGH_MEMORY_EXIT] = AbortMemoryFull,
		[XS_STACK_OVERFLOW_EXIT] = AbortStackOverflow,
		[XS_NO_MORE_KEYS_EXIT] = AbortNotEnoughKeys,
		[XS_TOO_MUCH_COMPUTATION_EXIT] = AbortTooMuchComputation,
		[XS_UNHANDLED_EXCEPTION_EXIT] = AbortUnhandledException,
		[XS_UNHANDLED_REJECTION_EXIT] = AbortUnhandledRejection,
		[XS_DEAD_STRIP_EXIT] = AbortDeadStrip,
	};
	AbortKind kind = (size_t)status < sizeof(kinds) / sizeof(kinds[0]) ? kinds[status] : NotAborted;
	if (!the->firstJump) {
		fprintf(stderr, "xs host: XS ends with status %d outside of any event\n", status);
		exit(1);
	}
	/* A second abort comes from describing the first one. */
	if (!host.abortKind) {
		host.abortKind = kind ? kind : AbortOther;
		the->meterInterval = 0;
		if (kind == AbortUnhandledException || kind == AbortUnhandledRejection)
			abortDescribe(the);
		else if (kind == AbortTooMuchComputation)
			snprintf(host.abortText, sizeof(host.abortText), "more than %u byte codes in one event", host.byteCodesPerEvent);
		else if (kind == AbortDeadStrip)
			snprintf(host.abortText, sizeof(host.abortText), "a built-in that boards do without: see strip in manifest.json");
		else
			accountDescribe(the, host.abortText, sizeof(host.abortText));
	}
	fxExitToHost(the);
}
