#include "include/CObjectFiles.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// A check in the reflected form: the lowest bit is the highest power. CRCs of 32 bits live in the low half of 64.
struct crc {
    int width;
    uint64_t polynomial;
    /// Multipliers that move 128 bits by 512 and by 128 bits: x^(N+63) and x^(N-1) modulo the polynomial, reflected in 64 bits.
    /// (In the reflected form a carry-less product stands one bit too low, hence the -1.)
    uint64_t by_512[2];
    uint64_t by_128[2];
};

static const struct crc CRCS[3] = {
    {32, 0xEDB88320u, {0x653D982200000000u, 0xCAD38E8F00000000u}, {0x65673B4600000000u, 0x9BA54C6F00000000u}},
    {32, 0x82F63B78u, {0x1C19243B00000000u, 0x75BBA45B00000000u}, {0x3743F7BD00000000u, 0x3171D43000000000u}},
    {64, 0x9A6C9329AC4BC9B5u, {0x0C32CDB31E18A84Au, 0x62242240ACE5045Au}, {0xEADC41FD2BA3D420u, 0x21E9761E252621ACu}},
};

/// tables[kind][k][b]: what the byte b does to the check when k more bytes follow.
static uint64_t tables[3][8][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_tables(void) {
    for (int kind = 0; kind < 3; kind++) {
        for (int byte = 0; byte < 256; byte++) {
            uint64_t value = (uint64_t)byte;
            for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ CRCS[kind].polynomial : value >> 1;
            tables[kind][0][byte] = value;
        }
        for (int k = 1; k < 8; k++) {
            for (int byte = 0; byte < 256; byte++) {
                uint64_t value = tables[kind][k - 1][byte];
                tables[kind][k][byte] = value >> 8 ^ tables[kind][0][value & 0xFF];
            }
        }
    }
}

static uint64_t inverted(int kind, uint64_t crc) {
    return CRCS[kind].width == 32 ? ~crc & 0xFFFFFFFFu : ~crc;
}

static uint64_t load_64(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/// Eight bytes at a time ("slicing by 8"), on the register as it is.
static uint64_t by_tables(int kind, uint64_t crc, const unsigned char *bytes, size_t length) {
    uint64_t(*table)[256] = tables[kind];
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word = load_64(bytes) ^ crc;
        crc = table[7][word & 0xFF] ^ table[6][word >> 8 & 0xFF] ^ table[5][word >> 16 & 0xFF] ^ table[4][word >> 24 & 0xFF] ^
              table[3][word >> 32 & 0xFF] ^ table[2][word >> 40 & 0xFF] ^ table[1][word >> 48 & 0xFF] ^ table[0][word >> 56];
    }
    for (; length > 0; bytes++, length--) crc = crc >> 8 ^ table[0][(crc ^ *bytes) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
#define WITH_MULTIPLICATION __attribute__((target("pclmul,sse4.1")))

/// 128 bits moved on by the multiplier's distance, and the bytes that stand there added.
WITH_MULTIPLICATION static inline __m128i folded(__m128i value, __m128i multiplier, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(value, multiplier, 0x00);
    __m128i high = _mm_clmulepi64_si128(value, multiplier, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ" (Intel, 2009): folds 64 bytes at a time down to 16 whose check
/// is that of all. Needs 64 bytes; leaves in `rest` how many at the end it has not looked at.
WITH_MULTIPLICATION static uint64_t by_folding(int kind, uint64_t crc, const unsigned char *bytes, size_t length, size_t *rest) {
    const __m128i by_512 = _mm_loadu_si128((const __m128i *)CRCS[kind].by_512);
    const __m128i by_128 = _mm_loadu_si128((const __m128i *)CRCS[kind].by_128);
    const __m128i *block = (const __m128i *)bytes;
    __m128i a = _mm_xor_si128(_mm_loadu_si128(block), _mm_set_epi64x(0, (long long)crc));
    __m128i b = _mm_loadu_si128(block + 1), c = _mm_loadu_si128(block + 2), d = _mm_loadu_si128(block + 3);
    for (block += 4, length -= 64; length >= 64; block += 4, length -= 64) {
        a = folded(a, by_512, _mm_loadu_si128(block));
        b = folded(b, by_512, _mm_loadu_si128(block + 1));
        c = folded(c, by_512, _mm_loadu_si128(block + 2));
        d = folded(d, by_512, _mm_loadu_si128(block + 3));
    }
    a = folded(folded(folded(a, by_128, b), by_128, c), by_128, d);
    for (; length >= 16; block++, length -= 16) a = folded(a, by_128, _mm_loadu_si128(block));
    unsigned char last[16];
    _mm_storeu_si128((__m128i *)last, a);
    *rest = length;
    return by_tables(kind, 0, last, sizeof last);
}

static int has_multiplication(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}
#endif

uint64_t cobjectfiles_crc_portable(int kind, uint64_t crc, const void *bytes, size_t length) {
    pthread_once(&tables_made, make_tables);
    return inverted(kind, by_tables(kind, inverted(kind, crc), bytes, length));
}

uint64_t cobjectfiles_crc(int kind, uint64_t crc, const void *bytes, size_t length) {
    pthread_once(&tables_made, make_tables);
    crc = inverted(kind, crc);
#if defined(__x86_64__)
    if (length >= 256 && has_multiplication()) {
        size_t rest;
        crc = by_folding(kind, crc, bytes, length, &rest);
        bytes = (const unsigned char *)bytes + (length - rest);
        length = rest;
    }
#endif
    return inverted(kind, by_tables(kind, crc, bytes, length));
}

/// The product of two polynomials modulo that of the check; 1 is the highest bit.
static uint64_t product(int kind, uint64_t left, uint64_t right) {
    uint64_t sum = 0;
    for (uint64_t bit = (uint64_t)1 << (CRCS[kind].width - 1); bit != 0; bit >>= 1) {
        if (left & bit) sum ^= right;
        right = right & 1 ? right >> 1 ^ CRCS[kind].polynomial : right >> 1;
    }
    return sum;
}

uint64_t cobjectfiles_crc_combine(int kind, uint64_t first, uint64_t second, uint64_t second_length) {
    uint64_t one = (uint64_t)1 << (CRCS[kind].width - 1);
    // x^8 to the power of the length, by squaring.
    uint64_t power = one, base = one >> 8;
    for (; second_length != 0; second_length >>= 1) {
        if (second_length & 1) power = product(kind, power, base);
        base = product(kind, base, base);
    }
    return product(kind, first, power) ^ second;
}
