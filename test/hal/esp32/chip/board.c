// SPDX-License-Identifier: Apache-2.0
/*
 * A board with two ports around hal/esp32/chip/console.c: what waits at each is an argument; absent: there is no such port.
 * Says what was read in pieces of four bytes, and what was written.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "esp_rom_sys.h"
#include "esp_task_wdt.h"

int32_t fractus_console_read(void *into, uint32_t size);
void fractus_console_write(void *bytes, uint32_t size);

#define USB 7

static const char *uart;
static const char *usb;
static int opened;

int board_open(const char *path, int flags)
{
	(void)flags;
	opened++;
	return usb != NULL && strcmp(path, "/dev/secondary") == 0 ? USB : -1;
}

/* Nothing there: -1, as the drivers have it. USB gives one byte each time. */
long board_read(int file, void *into, size_t size)
{
	const char **waits = file == USB ? &usb : file == fileno(stdin) ? &uart : NULL;
	size_t count = waits == NULL || *waits == NULL ? 0 : strlen(*waits);
	if (count == 0)
		return -1;
	if (file == USB)
		size = 1;
	if (count > size)
		count = size;
	memcpy(into, *waits, count);
	*waits += count;
	return (long)count;
}

long board_write(int file, const void *bytes, size_t size)
{
	if (file == fileno(stdout))
		printf("write %.*s\n", (int)size, (const char *)bytes);
	return (long)size;
}

int esp_rom_printf(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	return 0;
}

int esp_task_wdt_print_triggered_tasks(task_wdt_msg_handler handler, void *opaque, int *cpus_fail)
{
	if (cpus_fail != NULL)
		return -1;
	handler(opaque, "not in time:\n - ");
	handler(opaque, "agent");
	return 0;
}

int main(int argc, char **argv)
{
	char into[5];
	int32_t count;
	uart = argc > 1 ? argv[1] : NULL;
	usb = argc > 2 ? argv[2] : NULL;
	for (int i = 0; i < 8; i++) {
		memset(into, 0, sizeof into);
		count = fractus_console_read(into, 4);
		if (count <= 0)
			break;
		printf("read %d %s\n", (int)count, into);
	}
	printf("opened %d\n", opened);
	fractus_console_write("a line", 6);
	esp_task_wdt_isr_user_handler();
	return 0;
}
