// SPDX-License-Identifier: Apache-2.0
/*
 * Turns a machine into flash, as the linker of the Moddable SDK does at build time: objects from the evaluation of the
 * bundle are shared read-only with the agent's machine, and XS first copies an object that changes into RAM ("alias").
 * XS can copy plain objects, arrays, dates and variables; everything else is frozen here, as on the device, so that a
 * write is an error instead of a change in flash.
 */
#include "host.h"

static txSlot anchor;

/*
 * XS numbers aliases from 0 in heap order, but takes 0 for "frozen", so the first instance could be changed in flash.
 * That number goes to the first instance that XS itself has created, which no code can reach.
 */
void preloadBegin(txMachine* the)
{
	txSlot* first = the->firstHeap + 1;
	if (first->kind != XS_INSTANCE_KIND) {
		fprintf(stderr, "xs host: the heap of XS does not start with an instance\n");
		exit(1);
	}
	anchor.kind = XS_REFERENCE_KIND;
	anchor.value.reference = first;
	fxRemember(the, &anchor);
}

static void freezeBuiltIns(txMachine* the)
{
	fxBeginHost(the);
	for (int id = mxInstanceInspectorsStackIndex + 1; id < mxEmptyCodeStackIndex; id++) {
		txSlot* slot = &the->stackTop[-1 - id];
		if (slot->kind != XS_REFERENCE_KIND)
			continue;
		mxPush(mxObjectConstructor);
		fxCallID(the, mxID(_freeze));
		mxPushSlot(slot);
		mxRunCount(1);
		mxPop();
	}
	fxEndHost(the);
}

static void freezeInstance(txSlot* instance)
{
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (txSlot* property = instance->next; property; property = property->next) {
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
	}
}

static void freezePrototype(txMachine* the, txSlot* function)
{
	for (txSlot* property = function->next; property; property = property->next)
		if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND)
			freezeInstance(property->value.reference);
}

static int cannotBeAliased(txSlot* instance)
{
	txSlot* property = instance->next;
	if (!property || !(property->flag & XS_INTERNAL_FLAG))
		return 0;
	switch (property->kind) {
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_MAP_KIND:
	case XS_PROMISE_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
	case XS_SET_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_SET_KIND:
		return 1;
	default:
		return 0;
	}
}

static void freezeHeap(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind != XS_INSTANCE_KIND)
				continue;
			if (mxIsFunction(slot)) {
				freezePrototype(the, slot);
				freezeInstance(slot);
			}
			else if (cannotBeAliased(slot))
				freezeInstance(slot);
		}
	}
}

/* The clone's collector follows a copied slot; the targets must not look like its own. */
static void detachValue(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_CALLBACK_KIND: slot->kind = XS_CALLBACK_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	default: break;
	}
}

static void detachValues(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			detachValue(slot);
			if (slot->kind == XS_ARRAY_KIND && slot->value.array.address) {
				txIndex length = fxGetIndexSize(the, slot);
				for (txIndex i = 0; i < length; i++)
					detachValue(slot->value.array.address + i);
			}
		}
	}
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		detachValue(slot);
}

/* The linker lets functions one after the other share the slot that names their class and module, if it says the same. */
static void shareHomes(txMachine* the)
{
	txSlot* home = NULL;
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			txSlot* next = slot->next;
			if (!next || next->next || next->ID != XS_NO_ID || next->kind != XS_HOME_KIND)
				continue;
			if (home && home->flag == next->flag && home->value.home.object == next->value.home.object && home->value.home.module == next->value.home.module)
				slot->next = home;
			else
				home = next;
		}
	}
	fxCollectGarbage(the);
}

/* A suspended function would be resumed in flash; the linker refuses it as well. */
static int holdsSuspendedFunction(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			if (slot->kind == XS_STACK_KIND && slot->value.stack.length > 0)
				return 1;
	return 0;
}

const char* preloadShare(txMachine* the)
{
	fxCollectGarbage(the);
	if (holdsSuspendedFunction(the))
		return "a generator or an async function that is under way cannot lie in flash";
	/* After the evaluation, as in the linker: code that runs at build time still has all built-ins. */
	stripHeap(the);
	freezeBuiltIns(the);
	freezeHeap(the);
	shareHomes(the);
	fxShareMachine(the);
	detachValues(the);
	return NULL;
}
