#ifndef NIGHTSHIFT_CRC32_H
#define NIGHTSHIFT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32 as in IEEE 802.3 and gzip (RFC 1952, section 8), continued from `crc`; begin with 0.
uint32_t crc32_update(uint32_t crc, const unsigned char *bytes, size_t length);

#endif
