#include "crc32.h"

#include <stdbool.h>

// Eight tables, so that eight bytes take one round: table k is table 0 followed by k zero bytes.
enum { slices = 8 };
static uint32_t table[slices][256];
static bool filled;

// The supervisor has one thread, so the tables may be made on first use.
static void fill(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
        table[0][i] = value;
    }
    for (int slice = 1; slice < slices; slice++)
        for (uint32_t i = 0; i < 256; i++) table[slice][i] = table[slice - 1][i] >> 8 ^ table[0][table[slice - 1][i] & 0xFF];
    filled = true;
}

static uint32_t little_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t crc32_update(uint32_t crc, const unsigned char *bytes, size_t length) {
    if (!filled) fill();
    crc = ~crc;
    for (; length >= slices; length -= slices, bytes += slices) {
        uint32_t low = little_endian(bytes) ^ crc, high = little_endian(bytes + 4);
        crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^ table[4][low >> 24]
            ^ table[3][high & 0xFF] ^ table[2][high >> 8 & 0xFF] ^ table[1][high >> 16 & 0xFF] ^ table[0][high >> 24];
    }
    for (size_t i = 0; i < length; i++) crc = table[0][(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}
