// SPDX-License-Identifier: Apache-2.0
/*
 * The console, on UART 0 and on the chip's own USB where it has one. ESP-IDF writes to both through `stdout`, but reads
 * only from the first. The file descriptors of stdin and stdout are not 0 and 1, as they are in POSIX.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "esp_rom_sys.h"
#include "esp_task_wdt.h"

int32_t fractus_console_read(void *into, uint32_t size);
void fractus_console_write(void *bytes, uint32_t size);

/* Returns at once with the waiting bytes; 0 or less: none. */
int32_t fractus_console_read(void *into, uint32_t size)
{
	static int usb = -2;
	uint8_t *to = into;
	int32_t count = read(fileno(stdin), into, size);
	if (count > 0)
		return count;
	if (usb == -2)
		usb = open("/dev/secondary", O_RDONLY);
	/* Without a driver, each read returns one byte. Bytes that stay in the chip block the sender. */
	for (count = 0; (uint32_t)count < size && usb >= 0 && read(usb, to + count, 1) == 1;)
		count++;
	return count;
}

/* On USB, bytes that the host does not take within 50 ms are dropped. */
void fractus_console_write(void *bytes, uint32_t size)
{
	write(fileno(stdout), bytes, size);
}

static void tell(void *opaque, const char *text)
{
	(void)opaque;
	esp_rom_printf("%s", text);
}

/* Prints the tasks that triggered the watchdog: ESP-IDF prints them only when its log is on, with all its texts. */
void esp_task_wdt_isr_user_handler(void)
{
	tell(NULL, "\r\n");
	esp_task_wdt_print_triggered_tasks(tell, NULL, NULL);
	tell(NULL, "\r\n");
}
