// SPDX-License-Identifier: Apache-2.0
/*
 * Removes features that a board lacks. When a manifest names anything to `strip`, as ours does, the linker of the
 * Moddable SDK (xslStrip.c, xslSlot.c) writes tables without these features. It also omits `length` and `name` of all
 * functions, in flash and at run time, which saves two slots per function.
 */
#include "host.h"

static void deadStrip(txMachine* the)
{
	fxAbort(the, XS_DEAD_STRIP_EXIT);
}

/* Replaces the table of xsDefaults.c, which the build renames. */
const txDefaults gxDefaults = {
	.newAsyncInstance = fxNewAsyncInstance,
	.runAsync = fxRunAsync,
	.newGeneratorInstance = fxNewGeneratorInstance,
	.newGeneratorFunctionInstance = fxNewGeneratorFunctionInstance,
	.newAsyncGeneratorInstance = fxNewAsyncGeneratorInstance,
	.newAsyncGeneratorFunctionInstance = fxNewAsyncGeneratorFunctionInstance,
	.runForAwaitOf = fxRunForAwaitOf,
	/* Modules are strict, but a script need not be. */
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

/*
 * Built-ins in `strip` of manifest.json. The constructors of functions from text are always removed, together with
 * `eval`.
 */
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
