// SPDX-License-Identifier: Apache-2.0
/* As ESP-IDF has it, for console.c on this machine. */
typedef void (*task_wdt_msg_handler)(void *opaque, const char *msg);
int esp_task_wdt_print_triggered_tasks(task_wdt_msg_handler handler, void *opaque, int *cpus_fail);
void esp_task_wdt_isr_user_handler(void);
