// SPDX-License-Identifier: Apache-2.0
/* As ESP-IDF has it, for console.c on this machine. */
int esp_rom_printf(const char *format, ...);
