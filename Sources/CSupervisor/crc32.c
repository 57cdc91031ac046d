#include "crc32.h"

#include <stdbool.h>

static uint32_t table[256];
static bool filled;

// The supervisor has one thread, so the table may be made on first use.
static void fill(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
        table[i] = value;
    }
    filled = true;
}

uint32_t crc32_update(uint32_t crc, const unsigned char *bytes, size_t length) {
    if (!filled) fill();
    crc = ~crc;
    for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}
