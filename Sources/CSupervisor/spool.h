// The supervisor's side of an attempt's spool directory: output segments and small records.
//
// A segment `out.0001`, `out.0002`, … is a sequence of frames, numbers little endian:
//
//    0  u32 length of the payload        4  u32 CRC-32 (IEEE) of all that follows, payload included
//    8  u64 offset of the payload in its stream    16  i64 milliseconds since 1970
//   24  u16 step, from 0                26  u8 stream: 1 stdout, 2 stderr     27  u8 zero
//   28  payload
//
// The reader deletes a segment once the server has acknowledged all of it and a later one exists. A frame
// whose length or CRC does not fit is the torn end of a crash: nothing after it counts.
#ifndef NIGHTSHIFT_SPOOL_H
#define NIGHTSHIFT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { frame_header_size = 28, largest_payload = 64 * 1024 };

typedef struct spool {
    int directory;
    int segment;
    uint64_t segment_limit;
    uint64_t quota;
    /// Length of the newest segment.
    uint64_t segment_bytes;
    /// Numbers of the oldest segment not known to be deleted and of the newest; 0 when there is none.
    uint32_t oldest;
    uint32_t newest;
    bool unsynced;
} spool;

typedef enum spool_result { SPOOL_WRITTEN, SPOOL_NO_SPACE, SPOOL_BROKEN } spool_result;

/// Starts with an empty set of segments in an open directory.
void spool_open(spool *spool, int directory, uint64_t quota, uint64_t segment_size);

/// Appends one frame, all or nothing, opening the next segment (and making the last durable) when due.
spool_result spool_append(spool *spool, uint16_t step, uint8_t stream, uint64_t offset, int64_t at_ms,
                          const unsigned char *bytes, size_t length);

/// Whether the segments that the reader has not deleted take up the quota.
bool spool_is_full(spool *spool);

/// Makes the output so far durable. False on an I/O error.
bool spool_sync(spool *spool);

/// Writes a small file durably: temporary file, fsync, rename, fsync of the directory.
bool spool_write_record(const spool *spool, const char *name, const char *text, size_t length);

#endif
