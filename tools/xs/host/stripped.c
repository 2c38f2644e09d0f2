// SPDX-License-Identifier: Apache-2.0
/*
 * What a board does not have. Where a manifest names anything to `strip`, as ours does, the linker of the Moddable SDK
 * (xslStrip.c, xslSlot.c) writes tables without what is named, and without two more things: no function has a `length`
 * or a `name`, whether it lies in flash or is made while running. That is two slots a function.
 */
#include "host.h"

static void deadStrip(txMachine* the)
{
	fxAbort(the, XS_DEAD_STRIP_EXIT);
}

/* In place of the table of xsDefaults.c, which the build gives another name. */
const txDefaults gxDefaults = {
	.newAsyncInstance = fxNewAsyncInstance,
	.runAsync = fxRunAsync,
	.newGeneratorInstance = fxNewGeneratorInstance,
	.newGeneratorFunctionInstance = fxNewGeneratorFunctionInstance,
	.newAsyncGeneratorInstance = fxNewAsyncGeneratorInstance,
	.newAsyncGeneratorFunctionInstance = fxNewAsyncGeneratorFunctionInstance,
	.runForAwaitOf = fxRunForAwaitOf,
	/* Modules are strict; a script need not be. */
	.newArgumentsSloppyInstance = fxNewArgumentsSloppyInstance,
	.newArgumentsStrictInstance = fxNewArgumentsStrictInstance,
	.runEval = deadStrip,
	.runEvalEnvironment = deadStrip,
	/* The bundle is a script, not a module. */
	.runProgramEnvironment = fxRunProgramEnvironment,
	.initializeSharedCluster = C_NULL,
	.terminateSharedCluster = C_NULL,
	.newFunctionLength = C_NULL,
	.newFunctionName = C_NULL,
	.runImport = fxRunImport,
	.definePrivateProperty = fxDefinePrivateProperty,
	.getPrivateProperty = fxGetPrivateProperty,
	.setPrivateProperty = fxSetPrivateProperty,
	.cleanupFinalizationRegistries = C_NULL,
	.captureErrorStack = fxCaptureErrorStack,
};

/* By `strip` of manifest.json; the constructors of functions from text go with `eval`, and always. */
static const txCallback stripped[] = {
	fx_Atomics_add, fx_Atomics_and, fx_Atomics_compareExchange, fx_Atomics_exchange, fx_Atomics_isLockFree,
	fx_Atomics_load, fx_Atomics_notify, fx_Atomics_or, fx_Atomics_store, fx_Atomics_sub, fx_Atomics_wait,
	fx_Atomics_xor,
	fx_AsyncFunction, fx_AsyncGeneratorFunction, fx_Function, fx_GeneratorFunction, fx_eval,
	fx_Compartment, fx_FinalizationRegistry, fx_ModuleSource, fx_Proxy, fx_Proxy_revocable, fx_SharedArrayBuffer,
	fx_WeakRef,
};

static int isStripped(txCallback callback)
{
	for (size_t i = 0; i < sizeof(stripped) / sizeof(stripped[0]); i++)
		if (stripped[i] == callback)
			return 1;
	return 0;
}

void stripHeap(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			if (slot->kind == XS_CALLBACK_KIND && isStripped(slot->value.callback.address))
				slot->value.callback.address = deadStrip;
}
