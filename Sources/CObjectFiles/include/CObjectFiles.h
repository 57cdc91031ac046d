/// What the object store needs of the machine that Swift does not reach: fast cyclic redundancy checks, and a hint to the kernel
/// that a piece of a file should go to the disk now.
#ifndef NIGHTSHIFT_COBJECTFILES_H
#define NIGHTSHIFT_COBJECTFILES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The checks that S3 knows (Amazon S3 User Guide, "Checking object integrity"). All are reflected, begin and end inverted.
enum {
    /// CRC-32 of ISO 3309: polynomial 0x04C11DB7.
    COBJECTFILES_CRC32 = 0,
    /// CRC-32C of RFC 3720: polynomial 0x1EDC6F41.
    COBJECTFILES_CRC32C = 1,
    /// CRC-64/NVME of the NVM Express base specification: polynomial 0xAD93D23594C93659.
    COBJECTFILES_CRC64NVME = 2,
};

/// The check of all bytes so far: `crc` is that of the earlier ones, 0 before the first. Uses carry-less multiplication where the
/// processor has it.
uint64_t cobjectfiles_crc(int kind, uint64_t crc, const void *bytes, size_t length);

/// As `cobjectfiles_crc`, by tables alone: for processors without that instruction, and to test the other against.
uint64_t cobjectfiles_crc_portable(int kind, uint64_t crc, const void *bytes, size_t length);

/// The check of a text made of two parts, from the checks of the parts and the length of the second one.
uint64_t cobjectfiles_crc_combine(int kind, uint64_t first, uint64_t second, uint64_t second_length);

/// Has the kernel begin to write a piece of a file to the disk, and does not wait: then the synchronisation at the end is short. A hint,
/// ignored where there is no such call.
void cobjectfiles_begin_writeback(int descriptor, int64_t offset, int64_t length);

#ifdef __cplusplus
}
#endif
#endif
