// SPDX-License-Identifier: Apache-2.0
/*
 * Functions of ESP-IDF that the Moddable SDK does not offer to JavaScript, called through the manifest's `ffi`. They
 * allocate nothing on the JavaScript heap. A function that the chip or the build lacks reports that, instead of failing
 * to link.
 */
#include <math.h>
#include <stdint.h>

#include "sdkconfig.h"
#include "soc/soc_caps.h"
#include "app_update/include/esp_ota_ops.h"
#include "esp_partition.h"
#include "esp_private/startup_internal.h"
#include "esp_sleep.h"
#include "esp_task_wdt.h"
#include "nvs_flash/include/nvs_flash.h"

/* When ESP-IDF has moved its headers, the firmware builds without a temperature. */
#if SOC_TEMP_SENSOR_SUPPORTED && __has_include("hal/temperature_sensor_types.h")
	#if __has_include("esp_driver_tsens/include/driver/temperature_sensor.h")
		#include "esp_driver_tsens/include/driver/temperature_sensor.h"
		#define HAS_CHIP_TEMPERATURE 1
	#endif
#endif

int32_t fractus_firmware_state(void);
int32_t fractus_firmware_has_invalid(void);
int32_t fractus_firmware_confirm(void);
int32_t fractus_firmware_roll_back(void);
void fractus_deep_sleep(double duration_ms);
int32_t fractus_watchdog_period(void);
void fractus_watchdog_feed(void);
double fractus_chip_celsius(void);
int32_t fractus_values_erased(void);

static int32_t values_erased;

/*
 * Erases pages that do not begin with a state of NVS, which differs from erased flash in its lowest four bits only. NVS
 * drops such pages without a word. A power cut while NVS itself erases a page may leave one: then nothing is lost.
 */
static void erase_damaged_pages(void)
{
	const esp_partition_t *partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS, NULL);
	uint32_t at, state;
	for (at = 0; partition != NULL && at < partition->size; at += partition->erase_size) {
		if (esp_partition_read(partition, at, &state, sizeof(state)) == ESP_OK && ~state > 0xF)
			values_erased |= esp_partition_erase_range(partition, at, partition->erase_size) == ESP_OK;
	}
}

/*
 * The partition for values, opened before the SDK opens it: the SDK restarts for ever when NVS cannot, because another
 * firmware has filled the partition, or a newer ESP-IDF has written it.
 */
ESP_SYSTEM_INIT_FN(fractus_open_values, SECONDARY, BIT(0), 900)
{
	erase_damaged_pages();
	esp_err_t error = nvs_flash_init();
	if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND)
		values_erased = nvs_flash_erase() == ESP_OK;
	return ESP_OK;
}

int32_t fractus_values_erased(void)
{
	return values_erased;
}

/*
 * esp_ota_img_states_t of the running firmware; -1 when none is kept, because it was flashed; -2 when the build, whose
 * options are those of the bootloader, has no trial.
 */
int32_t fractus_firmware_state(void)
{
#if CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
	esp_ota_img_states_t state;
	if (esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) != ESP_OK)
		return -1;
	return (int32_t)state;
#else
	return -2;
#endif
}

int32_t fractus_firmware_has_invalid(void)
{
	return esp_ota_get_last_invalid_partition() != NULL;
}

int32_t fractus_firmware_confirm(void)
{
	return esp_ota_mark_app_valid_cancel_rollback();
}

int32_t fractus_firmware_roll_back(void)
{
	return esp_ota_mark_app_invalid_rollback_and_reboot();
}

void fractus_deep_sleep(double duration_ms)
{
	esp_deep_sleep((uint64_t)(duration_ms * 1000.0));
}

/*
 * The agent's own user of the task watchdog: the SDK feeds it for the engine, which may run while the agent hangs. The
 * watchdog starts with the first feeding, so that a board without an agent can be set up without restarts.
 */
#if CONFIG_ESP_TASK_WDT_EN
int32_t fractus_watchdog_period(void)
{
	return CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000;
}

void fractus_watchdog_feed(void)
{
	static esp_task_wdt_user_handle_t user;
	if (user == NULL && esp_task_wdt_add_user("agent", &user) != ESP_OK)
		return;
	esp_task_wdt_reset_user(user);
}
#else
/* This build has no watchdog. */
int32_t fractus_watchdog_period(void)
{
	return 0;
}

void fractus_watchdog_feed(void)
{
}
#endif

/* The temperature of the chip; NaN where it cannot be measured. */
#if HAS_CHIP_TEMPERATURE
double fractus_chip_celsius(void)
{
	static temperature_sensor_handle_t sensor;
	float celsius;
	if (sensor == NULL) {
		temperature_sensor_config_t config = TEMPERATURE_SENSOR_CONFIG_DEFAULT(-10, 80);
		if (temperature_sensor_install(&config, &sensor) != ESP_OK) {
			sensor = NULL;
			return NAN;
		}
		if (temperature_sensor_enable(sensor) != ESP_OK) {
			temperature_sensor_uninstall(sensor);
			sensor = NULL;
			return NAN;
		}
	}
	if (temperature_sensor_get_celsius(sensor, &celsius) != ESP_OK)
		return NAN;
	return (double)celsius;
}
#else
double fractus_chip_celsius(void)
{
	return NAN;
}
#endif
