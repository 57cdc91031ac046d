// SHA-256 and HMAC-SHA256 (FIPS 180-4, RFC 2104), small and without a library, so that the sender needs a C compiler alone.
#ifndef NIGHTSHIFT_BENCH_SHA256_H
#define NIGHTSHIFT_BENCH_SHA256_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
} sha256;

void sha256_begin(sha256 *hash);
void sha256_add(sha256 *hash, const void *bytes, size_t count);
void sha256_end(sha256 *hash, uint8_t digest[32]);

// A key made ready: each message costs no hashing of the key any more.
typedef struct {
    sha256 inner, outer;
} hmac_key;

void hmac_prepare(hmac_key *key, const void *secret, size_t count);
void hmac_sign(const hmac_key *key, const void *message, size_t count, uint8_t digest[32]);

// Writes 2 * count digits; no terminating zero.
void hex_lower(char *text, const uint8_t *bytes, size_t count);
void hex_upper(char *text, const uint8_t *bytes, size_t count);
#endif
