#ifndef NIGHTSHIFT_CLOCKS_H
#define NIGHTSHIFT_CLOCKS_H

#include <stdint.h>
#include <time.h>

/// Milliseconds since boot, suspension included: a timeout that passed while the machine slept has passed.
static inline int64_t elapsed_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Milliseconds since 1970, for people to read.
static inline int64_t wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
