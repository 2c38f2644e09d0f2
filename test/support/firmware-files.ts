// SPDX-License-Identifier: Apache-2.0
/** What a build of ESP-IDF leaves, with next to nothing in it. */

/** As ESP-IDF numbers them: type, subtype, offset, size. */
const TABLE = [
  [1, 2, 0x9000, 0x6000],
  [0, 0x10, 0x10000, 0x1000],
  [1, 0, 0x3d0000, 0x2000],
] as const;

/** @param chip by esp_chip_id_t */
export function firmwareFiles(chip: number, megabytesLog2 = 2): Readonly<Record<string, Buffer>> {
  const table = Buffer.alloc(0xc00, 0xff);
  for (const [index, [type, subType, offset, bytes]] of TABLE.entries()) {
    table.fill(0, index * 32, index * 32 + 32);
    table.writeUInt16LE(0x50aa, index * 32);
    table.set([type, subType], index * 32 + 2);
    table.writeUInt32LE(offset, index * 32 + 4);
    table.writeUInt32LE(bytes, index * 32 + 8);
  }
  const image = (mark: number) => Buffer.from([0xe9, 0, 0, megabytesLog2 << 4, ...Array(8).fill(mark), chip, 0]);
  return {
    'bootloader.bin': image(1),
    'partition-table.bin': table,
    'xs_esp32.bin': image(2),
    'ota_data_initial.bin': Buffer.from('otadata'),
  };
}
