#define _GNU_SOURCE
#include "spool.h"

#include "crc32.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void put(unsigned char *at, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static void segment_name(char name[32], uint32_t number) {
    snprintf(name, 32, "out.%04u", (unsigned)number);
}

void spool_open(spool *spool, int directory, uint64_t quota, uint64_t segment_size) {
    memset(spool, 0, sizeof *spool);
    spool->directory = directory;
    spool->segment = -1;
    spool->quota = quota;
    // At least four segments fit, so that the reader can free space while the job writes.
    spool->segment_limit = segment_size < quota / 4 ? segment_size : quota / 4;
    spool->oldest = 1;
}

static bool next_segment(spool *spool) {
    if (spool->segment >= 0) {
        if (!spool_sync(spool)) return false;
        close(spool->segment);
        spool->segment = -1;
    }
    char name[32];
    segment_name(name, spool->newest + 1);
    spool->segment = openat(spool->directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (spool->segment < 0) return false;
    spool->newest++;
    spool->segment_bytes = 0;
    return fsync(spool->directory) == 0;
}

spool_result spool_append(spool *spool, uint16_t step, uint8_t stream, uint64_t offset, int64_t at_ms,
                          const unsigned char *bytes, size_t length) {
    if (spool->segment < 0 || spool->segment_bytes >= spool->segment_limit) {
        if (!next_segment(spool)) return errno == ENOSPC || errno == EDQUOT ? SPOOL_NO_SPACE : SPOOL_BROKEN;
    }
    unsigned char header[frame_header_size];
    put(header, length, 4);
    put(header + 8, offset, 8);
    put(header + 16, (uint64_t)at_ms, 8);
    put(header + 24, step, 2);
    header[26] = stream;
    header[27] = 0;
    uint32_t crc = crc32_update(crc32_update(0, header + 8, frame_header_size - 8), bytes, length);
    put(header + 4, crc, 4);

    size_t total = frame_header_size + length, done = 0;
    while (done < total) {
        struct iovec parts[2];
        int count = 0;
        if (done < frame_header_size) parts[count++] = (struct iovec){header + done, frame_header_size - done};
        size_t skipped = done > frame_header_size ? done - frame_header_size : 0;
        if (skipped < length) parts[count++] = (struct iovec){(void *)(bytes + skipped), length - skipped};
        ssize_t put_now = pwritev(spool->segment, parts, count, (off_t)(spool->segment_bytes + done));
        if (put_now < 0 && errno == EINTR) continue;
        if (put_now <= 0) {
            int code = errno;
            // Take the torn frame back, so that the next attempt continues a valid segment.
            if (ftruncate(spool->segment, (off_t)spool->segment_bytes) != 0) return SPOOL_BROKEN;
            return code == ENOSPC || code == EDQUOT ? SPOOL_NO_SPACE : SPOOL_BROKEN;
        }
        done += (size_t)put_now;
    }
    spool->segment_bytes += total;
    spool->unsynced = true;
    return SPOOL_WRITTEN;
}

bool spool_is_full(spool *spool) {
    if (spool->segment < 0) return false;
    for (;;) {
        uint64_t sealed = (uint64_t)(spool->newest - spool->oldest) * spool->segment_limit;
        if (sealed + spool->segment_bytes < spool->quota) return false;
        // The reader deletes in order: the oldest that is left tells how many are.
        char name[32];
        segment_name(name, spool->oldest);
        if (spool->oldest == spool->newest || faccessat(spool->directory, name, F_OK, 0) == 0) return true;
        spool->oldest++;
    }
}

bool spool_sync(spool *spool) {
    if (!spool->unsynced) return true;
    if (fdatasync(spool->segment) != 0) return false;
    spool->unsynced = false;
    return true;
}

bool spool_write_record(const spool *spool, const char *name, const char *text, size_t length) {
    char temporary[64];
    snprintf(temporary, sizeof temporary, "%s.tmp", name);
    int fd = openat(spool->directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    size_t done = 0;
    while (done < length) {
        ssize_t put_now = write(fd, text + done, length - done);
        if (put_now < 0 && errno == EINTR) continue;
        if (put_now <= 0) break;
        done += (size_t)put_now;
    }
    bool durable = done == length && fsync(fd) == 0;
    close(fd);
    return durable && renameat(spool->directory, temporary, spool->directory, name) == 0
        && fsync(spool->directory) == 0;
}
