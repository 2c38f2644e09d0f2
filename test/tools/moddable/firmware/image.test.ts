// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import test from 'ava';
import { imageTable, misfit, narrow, readMap } from '../../../../tools/moddable/firmware/image.ts';
import { parsePartitions, readPartitions, slotBytes, TABLES } from '../../../../tools/moddable/firmware/partitions.ts';
import { estimate, javaScriptBytes, resourceBytes } from '../../../../tools/moddable/firmware/size-model.ts';

const MAP = `Archive member included to satisfy reference by file (symbol)

xs_esp32c3.a(mc.xs.c.o)       esp-idf/main/libmain.a(main.c.obj) (xsPreparationAndCreation)

Discarded input sections

 .text          0x00000000       0x64 esp-idf/main/libmain.a(main.c.obj)

Linker script and memory map

.iram0.vectors  0x40080000      0x404
 .Level2InterruptVector.text
                0x40080180        0x6 esp-idf/xtensa/libxtensa.a(xtensa_vectors.S.obj)
                                  0x9 (size before relaxing)

.iram0.text     0x40380000      0x200
 *(.iram1)
 .iram1.0       0x40380000      0x100 esp-idf/spi_flash/libspi_flash.a(flash.c.obj)
 .iram1.1       0x40380100      0x100 /opt/esp-idf/components/esp_wifi/lib/esp32c3/libpp.a(pp.o)

.dram0.bss      0x3fc95910     0x4cb0
 .bss.the       0x3fc95910     0x4cb0 xs_esp32c3.a(xsAll.c.o)

.flash.rodata   0x3c110120   0x11ebd0
 .rodata.gxHeap
                0x3c1288f0    0x1000 xs_esp32c3.a(mc.xs.c.o)
 .rodata._0     0x3c1298f0      0x234 xs_esp32c3.a(mc.resources.c.o)
 *fill*         0x3c129b24        0x4 
 .rodata.str1.4
                0x3c129b28       0x10 xs_esp32c3.a(bme68x.c.o)
                                 0x18 (size before relaxing)
 .rodata.str1.4
                0x3c129b38      0x800 xs_esp32c3.a(mc.xs.c.o)
 .rodata.str1.4
                0x3c129b38       0x20 xs_esp32c3.a(xsAPI.c.o)
 .rodata        0x3c129b58       0x30 xs_esp32c3.a(xsAPI.c.o)

.flash.text     0x42000020   0x1052d8
 .text.fxRunID  0x42000020      0x800 xs_esp32c3.a(xsRun.c.o)
                0x42000020                fxRunID
 .text.tcp_in   0x42000820       0x80 esp-idf/lwip/liblwip.a(tcp_in.c.obj)
 .text.aes      0x420008a0       0x40 esp-idf/mbedtls/mbedtls/tf-psa-crypto/core/libtfpsacrypto.a(aes.c.obj)
 .text.sha      0x420008e0        0x8 esp-idf/mbedtls/mbedtls/tf-psa-crypto/drivers/builtin/libmbed-builtin.a(sha1.c.obj)
 .text.wpa      0x420008e8       0x20 esp-idf/wpa_supplicant/libwpa_supplicant.a(wpa.c.obj)
 .text.memcpy   0x42000908       0x10 /opt/lib/libc.a(libc_a-memcpy.o)

.debug_info     0x00000000   0x4463c4
 .debug_info    0x00000000   0x4463c4 xs_esp32c3.a(xsRun.c.o)
`;

test('the map of the linker, by part: only what lies in the image counts, and what was merged lies there once', (t) => {
  t.deepEqual(Object.fromEntries(readMap(MAP)), {
    'rest of ESP-IDF': 0x106,
    'Wi-Fi and radio': 0x100,
    JavaScript: 0x1000,
    'certificates and other files': 0x234,
    'native modules of the SDK': 0x10,
    'XS engine': 0x850,
    lwIP: 0x80,
    mbedTLS: 0x48,
    wpa_supplicant: 0x20,
    'C library': 0x10,
  });
});

test('the table names the largest first, and what is free', (t) => {
  const parts = new Map([
    ['lwIP', 79_549],
    ['XS engine', 381_098],
    ['JavaScript', 238_668],
  ]);
  t.deepEqual(imageTable({ parts, bytes: 738_668, slot: 1_000_000 }), [
    'XS engine                         381,098   38.1 %',
    'JavaScript                        238,668   23.9 %',
    '  without engine and SDK          116,552   11.7 %',
    'lwIP                               79,549    8.0 %',
    'heads and borders                  39,353    3.9 %',
    'image                             738,668   73.9 %',
    'free                              261,332   26.1 %',
    'slot                            1,000,000  100.0 %',
  ]);
});

test('an image that does not fit is refused with its largest parts; one that leaves less than a tenth is told of', (t) => {
  const parts = new Map([
    ['a', 1],
    ['b', 1000],
    ['c', 2000],
    ['d', 30],
  ]);
  t.is(misfit({ parts, bytes: 1000, slot: 1000 }), undefined);
  const message = 'the image is 2,031 bytes larger than its slot; its largest parts are c (2,000), b (1,000), d (30)';
  t.is(misfit({ parts, bytes: 3031, slot: 1000 }), message);
  t.is(narrow({ parts, bytes: 900, slot: 1000 }), undefined);
  t.is(narrow({ parts, bytes: 901, slot: 1000 }), 'less than a tenth of the slot is free: 99 bytes');
});

for (const [megabytes, file] of Object.entries(TABLES)) {
  test(`the table for ${megabytes} MB: one behind the other, without gaps, apps on borders of 64 KB`, (t) => {
    const rows = readPartitions(readFileSync(file, 'utf8'));
    t.deepEqual(
      rows.map(({ name }) => name),
      ['nvs', 'phy_init', 'ota_0', 'ota_1', 'otadata', 'xs', 'fractus'],
    );
    let end = 0x9000;
    for (const { name, type, offset, bytes } of rows) {
      t.is(offset, end, name);
      t.is(offset % (type === 'app' ? 0x10000 : 0x1000), 0, name);
      end = offset + bytes;
    }
    t.true(end <= Number(megabytes) << 20);
    t.true(slotBytes(rows) >= 1_966_080);
    // The two rings of telemetry have at least what the figures of docs/robustness.md are for.
    t.true((rows.at(-1)?.bytes ?? 0) >= 64 << 10);
  });
}

test('a table as it is flashed', (t) => {
  const entry = Buffer.alloc(32);
  Buffer.from('aa50', 'hex').copy(entry);
  entry.writeUInt8(0, 2);
  entry.writeUInt8(0x10, 3);
  entry.writeUInt32LE(0x10000, 4);
  entry.writeUInt32LE(0x1e0000, 8);
  entry.write('ota_0', 12);
  t.deepEqual(parsePartitions(Buffer.concat([entry, Buffer.alloc(96, 0xff)])), [
    { name: 'ota_0', type: 'app', subType: '0x10', offset: 0x10000, bytes: 0x1e0000 },
  ]);
  t.is(slotBytes([]), Number.POSITIVE_INFINITY);
});

test('the model counts slots, addresses, byte code and texts, each text once', (t) => {
  const modules = (texts: string) => `#define mxHeapCount 100
#define mxStackCount 10
#define mxKeysCount 20
static const txU1 gxCode1[500];
static const xsHostBuilder gxBuilders[3] = {
${texts}`;
  const empty = javaScriptBytes({ modules: modules('') });
  t.is(empty - javaScriptBytes({ modules: '' }), 110 * 16 + 20 * 4 + 500 + 3 * 12);
  t.is(javaScriptBytes({ modules: modules('{ "\\x0c\\x00ab" }, { "abc" }, { "abc" }') }) - empty, 8 + 4);
  t.is(resourceBytes({ resources: '_0[] = {\n\t0x41, 0x77, 0xdd,\n};' }), 3);
  const { parts, bytes, slot } = estimate({ modules: '', resources: '' }, 'ota_0, app, ota_0, 0x10000, 1M,\n');
  t.is(slot, 1 << 20);
  t.is(
    bytes,
    [...parts.values()].reduce((sum, each) => sum + each, 0),
  );
});

test('the model knows the chips that an image was built for, and takes a C3 for others', (t) => {
  const partsFor = (chip?: string) =>
    [...estimate({ modules: '', resources: '' }, 'ota_0, app, ota_0, 0x10000, 1M,\n', chip).parts].at(-1) ?? [];
  t.deepEqual(partsFor(), ['engine, SDK and ESP-IDF, as on an ESP32-C3', 1_058_244]);
  t.deepEqual(partsFor('esp32s2'), partsFor());
  t.deepEqual(partsFor('esp32'), ['engine, SDK and ESP-IDF, as on an ESP32', 1_040_013]);
  t.deepEqual(partsFor('esp32s3'), ['engine, SDK and ESP-IDF, as on an ESP32-S3', 1_041_270]);
  t.deepEqual(partsFor('esp32c6'), ['engine, SDK and ESP-IDF, as on an ESP32-C6', 1_136_269]);
});
