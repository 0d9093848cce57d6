/* CRC-32, as that of zlib: by it a string is looked up in its table. */
#ifndef NAIDI_CRC_H
#define NAIDI_CRC_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc_of(const uint8_t *bytes, size_t count)
{
    /* For half bytes: a table of 256 would have to be made, or written down. */
    static const uint32_t HALVES[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t place = 0; place < count; place++) {
        crc = HALVES[(crc ^ bytes[place]) & 15] ^ crc >> 4;
        crc = HALVES[(crc ^ (uint32_t)bytes[place] >> 4) & 15] ^ crc >> 4;
    }
    return crc ^ 0xffffffff;
}

#endif
